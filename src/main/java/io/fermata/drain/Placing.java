package io.fermata.drain;

import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.drain.Blocker.Code;
import io.fermata.drain.Sights.Promised;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.migration.Checks;
import io.fermata.migration.Matching;
import io.fermata.migration.Migration;
import io.fermata.migration.Order;
import io.fermata.migration.Order.Pair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds a destination for one machine after the other. What one of them is given is not free for
 * the next: together they either fit, or it is known which do not.
 */
final class Placing {
  private static final int TOLD = 3;

  private final Drain drain;
  private final HostView host;
  private final Sights sights;
  private final Set<Promised> promised;
  private final Map<HostName, Integer> coming = new TreeMap<>();

  /** What came of the search. */
  sealed interface Found {
    /** There it can go. */
    record Place(HostName destination, List<Pair> pairs) implements Found {}

    /** Nowhere, for that reason. */
    record Stuck(Blocker blocker) implements Found {}
  }

  Placing(Drain drain, HostView host, Sights sights) {
    this.drain = drain;
    this.host = host;
    this.sights = sights;
    this.promised = new HashSet<>(sights.promised());
    drain.moves().values().stream().filter(Move::underWay).forEach(this::keep);
  }

  private void keep(Move move) {
    HostName to = move.destination();
    if (to != null) {
      take(to, move.pairs());
    }
  }

  private void take(HostName to, List<Pair> pairs) {
    pairs.forEach(pair -> promised.add(new Promised(to, pair.destination())));
    coming.merge(to, 1, Integer::sum);
  }

  /** A place for the machine, which is taken from now on. */
  Found place(Move move) {
    String vm = move.vm();
    List<DeviceView> set = host.devices().stream().filter(d -> vm.equals(d.vm())).toList();
    Optional<Blocker> obstacle = other(vm).or(() -> device(vm, set));
    if (obstacle.isPresent()) {
      return new Found.Stuck(obstacle.get());
    }
    List<String> why = new ArrayList<>();
    String device = null;
    for (HostView candidate : candidates(move)) {
      Optional<String> unfit = unfit(candidate);
      if (unfit.isPresent()) {
        why.add(unfit.get());
        continue;
      }
      HostView free = withoutPromised(candidate);
      Matching.Found found = Matching.match(vm, host, free);
      List<String> objections =
          found.missing().isEmpty() ? checks(vm, found, free) : found.missing();
      if (objections.isEmpty()) {
        take(candidate.name(), found.pairs());
        return new Found.Place(candidate.name(), found.pairs());
      }
      why.add(objections.getFirst());
      device = device == null ? unmatched(set, found) : device;
    }
    return new Found.Stuck(nowhere(vm, device, why));
  }

  private List<String> checks(String vm, Matching.Found found, HostView to) {
    Order order = drain.order(vm, to.name(), found.pairs());
    return Checks.failures(Checks.of(order, host, to)).stream().map(Checks.Check::detail).toList();
  }

  private static @Nullable String unmatched(List<DeviceView> set, Matching.Found found) {
    Set<String> matched = new HashSet<>();
    found.pairs().forEach(pair -> matched.add(pair.source().value()));
    return set.stream()
        .map(d -> d.name().value())
        .filter(name -> !matched.contains(name))
        .findFirst()
        .orElse(null);
  }

  /** Those with fewest machines on their way first; the one where it failed last at the end. */
  private List<HostView> candidates(Move move) {
    List<HostName> wanted = drain.terms().destinations();
    return sights.hosts().stream()
        .filter(candidate -> !candidate.name().equals(host.name()))
        .filter(candidate -> wanted.isEmpty() || wanted.contains(candidate.name()))
        .sorted(
            Comparator.comparing((HostView candidate) ->
                    move.failures() > 0 && candidate.name().equals(move.destination()))
                .thenComparing(candidate -> coming.getOrDefault(candidate.name(), 0))
                .thenComparing(HostView::name))
        .toList();
  }

  private static Optional<String> unfit(HostView candidate) {
    if (candidate.state() != AgentState.READY) {
      return Optional.of(candidate.name() + "'s agent is " + candidate.state());
    }
    return candidate.schedulable()
        ? Optional.empty()
        : Optional.of(candidate.name() + " takes no new machines");
  }

  private HostView withoutPromised(HostView candidate) {
    return candidate.withDevices(
        candidate.devices().stream()
            .filter(d -> !promised.contains(new Promised(candidate.name(), d.name())))
            .toList());
  }

  /** A migration of the machine that is not the drain's. */
  private Optional<Blocker> other(String vm) {
    return sights.open().stream()
        .filter(m -> m.order().vm().equals(vm) && m.order().source().equals(host.name()))
        .filter(m -> !sights.children().containsKey(m.id()))
        .findFirst()
        .map(m -> otherMigration(m, vm));
  }

  private Blocker otherMigration(Migration m, String vm) {
    String detail = "migration " + m.id() + ", which is not the drain's, has it";
    return blocker(Code.OTHER_MIGRATION, vm, null, detail, explain(m.id().value()));
  }

  private Optional<Blocker> device(String vm, List<DeviceView> set) {
    for (DeviceView device : set) {
      String name = device.name().value();
      String words = host.name() + " " + name + " (" + device.driver() + ")";
      boolean alone = set.size() == 1;
      if (!device.capabilities().has(Capability.STOP_COPY)) {
        return Optional.of(
            cannot(vm, name, words + " lacks STOP_COPY: detach it, or stop the machine"));
      }
      if (!device.capabilities().has(Capability.P2P) && !alone) {
        return Optional.of(cannot(vm, name, words + " lacks P2P: detach it, or stop the machine"));
      }
      String claim = device.claim();
      if (claim != null) {
        String detail = words + " is held by migration " + claim;
        return Optional.of(blocker(Code.OTHER_MIGRATION, vm, name, detail, explain(claim)));
      }
      if (device.state() != DeviceState.RUNNING) {
        String fix = "curl -X POST \"$F/hosts/" + host.name() + "/devices/" + name;
        return Optional.of(
            blocker(
                Code.DEVICE_NOT_RUNNING,
                vm,
                name,
                words + " is in " + device.state(),
                fix + "/reset?dryRun=true\" -d allowGuestImpact=true -d reason=…"));
      }
    }
    return Optional.empty();
  }

  private Blocker cannot(String vm, String device, String detail) {
    String devices = "curl \"$F/hosts/" + host.name() + "/devices?o=text\"";
    return blocker(Code.DEVICE_CANNOT_MIGRATE, vm, device, detail, devices);
  }

  private Blocker nowhere(String vm, @Nullable String device, List<String> why) {
    int more = why.size() - TOLD;
    String detail =
        why.isEmpty()
            ? "there is no other host"
            : String.join("; ", why.subList(0, Math.min(TOLD, why.size())))
                + (more > 0 ? "; and " + more + " hosts more" : "");
    return blocker(Code.NO_DESTINATION, vm, device, detail, "curl \"$F/hosts?o=text\"");
  }

  private Blocker blocker(
      Code code, String vm, @Nullable String device, String detail, String next) {
    return new Blocker(code, vm, device, detail, next, sights.nowMillis());
  }

  private static String explain(String migration) {
    return "curl \"$F/migrations/" + migration + "/explain?o=text\"";
  }
}
