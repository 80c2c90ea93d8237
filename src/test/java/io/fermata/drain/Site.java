package io.fermata.drain;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.AgentWord;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Evidence;
import io.fermata.migration.Limits;
import io.fermata.migration.Migration;
import io.fermata.migration.Note;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Priority;
import io.fermata.migration.Trigger;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Hosts, devices and migrations as a drain sees them, all of which a test can change. */
final class Site {
  static final HostName A = new HostName("host-a");
  static final HostName B = new HostName("host-b");
  static final HostName C = new HostName("host-c");
  static final Capabilities ALL = Capabilities.of(Capability.STOP_COPY, Capability.P2P);
  static final Rules RULES = new Rules(2, 1_000, 2_000);

  final SortedMap<HostName, HostView> hosts = new TreeMap<>();
  final SortedMap<MigrationId, Migration> migrations = new TreeMap<>();
  private final Map<String, MigrationId> keys = new HashMap<>();
  private final Set<String> burnt = new HashSet<>();
  Limits limits = Limits.ofCluster(1_000);
  boolean paused;
  boolean agentSilent;
  long now = 1_000_000;

  /** A host with those devices: a name, or a name and the machine that has it, {@code gpu0=vm1}. */
  Site host(HostName name, String... devices) {
    List<DeviceView> all = new ArrayList<>();
    for (String device : devices) {
      String[] parts = device.split("=");
      all.add(device(name, parts[0], parts.length > 1 ? parts[1] : null));
    }
    var view =
        new HostView(
            name,
            URI.create("http://" + name),
            name + ":1",
            Map.of(),
            true,
            AgentState.READY,
            "1",
            1_000_000L,
            now,
            0L,
            null,
            all);
    hosts.put(name, view);
    return this;
  }

  DeviceView device(HostName host, String name, String vm) {
    return new DeviceView(
        host,
        new DeviceName(name),
        "sim",
        name.replaceAll("[0-9]", ""),
        "m",
        ALL,
        DeviceState.RUNNING,
        now,
        vm,
        null,
        1_000L,
        null);
  }

  void cordon(HostName host, long since) {
    var mark = new HostMarks.Mark("me", "drain", since);
    hosts.computeIfPresent(host, (n, v) -> v.marked(new HostMarks(mark, null, null, 1)));
  }

  void state(HostName host, AgentState state) {
    HostView v = hosts.get(host);
    hosts.put(host, remade(v, state, v.devices(), v.schedulable()));
  }

  void change(HostName host, String device, UnaryOperator<DeviceView> how) {
    HostView v = hosts.get(host);
    List<DeviceView> devices =
        v.devices().stream().map(d -> d.name().value().equals(device) ? how.apply(d) : d).toList();
    hosts.put(host, remade(v, v.state(), devices, v.schedulable()));
  }

  static DeviceView with(DeviceView d, Capabilities capabilities, DeviceState state, String claim) {
    return new DeviceView(
        d.host(),
        d.name(),
        d.backend(),
        d.driver(),
        d.model(),
        capabilities,
        state,
        d.stateSeenMillis(),
        d.vm(),
        claim,
        d.dataBytes(),
        d.unavailable());
  }

  private HostView remade(
      HostView v, AgentState state, List<DeviceView> devices, boolean schedulable) {
    return new HostView(
            v.name(),
            v.agent(),
            v.dataPlane(),
            v.labels(),
            schedulable,
            state,
            v.version(),
            v.linkBytesPerSecond(),
            now,
            0L,
            null,
            devices)
        .marked(v.marks());
  }

  /** Every agent was asked again. */
  void polled() {
    List.copyOf(hosts.values())
        .forEach(v ->
            hosts.put(
                v.name(),
                remade(
                    v,
                    v.state(),
                    v.devices().stream().map(this::read).toList(),
                    v.schedulable() || v.marks().cordon() != null)));
  }

  private DeviceView read(DeviceView d) {
    return new DeviceView(
        d.host(),
        d.name(),
        d.backend(),
        d.driver(),
        d.model(),
        d.capabilities(),
        d.state(),
        now,
        d.vm(),
        d.claim(),
        d.dataBytes(),
        d.unavailable());
  }

  static DrainTerms terms(int concurrency, String... exclude) {
    return new DrainTerms(
        List.of(),
        List.of(exclude),
        concurrency,
        Priority.SYSTEM,
        0,
        Order.OnBudgetExceeded.ABORT,
        new Order.PreCopyTerms(true, 10, 1 << 20));
  }

  Drain drain(DrainTerms terms) {
    return new Drain(
        new DrainId("d0000001"),
        A,
        terms,
        Drain.Phase.DRAINING,
        "me",
        "OPS-1",
        now,
        now,
        1,
        0,
        new TreeMap<>(),
        List.of(),
        null);
  }

  Sights sights(Drain drain) {
    Map<MigrationId, Migration> children = new TreeMap<>();
    drain.moves().values().stream()
        .map(Move::migration)
        .filter(Objects::nonNull)
        .forEach(id -> children.put(id, migrations.get(id)));
    return new Sights(
        List.copyOf(hosts.values()),
        open(drain.host()),
        children,
        Set.of(),
        limits,
        paused,
        null,
        RULES,
        now);
  }

  List<Migration> open(HostName host) {
    return migrations.values().stream()
        .filter(m -> !m.ended())
        .filter(m -> m.order().source().equals(host) || m.order().destination().equals(host))
        .toList();
  }

  PowerOff powerOff(HostName host, Set<String> staying) {
    HostView view = hosts.get(host);
    List<MigrationId> claims =
        view.devices().stream()
            .map(DeviceView::claim)
            .filter(Objects::nonNull)
            .map(MigrationId::new)
            .distinct()
            .toList();
    Optional<AgentWord> said =
        agentSilent ? Optional.empty() : Optional.of(new AgentWord(view, claims, "i1"));
    return PowerOff.judge(
        new PowerOff.Look(
            host, view.marks(), open(host), said, staying, RULES.settleMillis(), now));
  }

  /** One look with all that follows from it, as the shell does it; the agent's proof included. */
  Drain turn(Drain drain) {
    Sights seen = sights(drain);
    Drain next = Drainer.decide(drain, seen);
    if (Drainer.wantsProof(next, seen)) {
      PowerOff said = powerOff(drain.host(), Set.copyOf(drain.terms().exclude()));
      next = Drainer.decide(drain, seen.proven(said));
    }
    return next;
  }

  /** Asks for what was decided, as often as you like. */
  Drain ask(Drain drain) {
    Drain next = drain;
    for (Move move : drain.moves().values()) {
      if (move.state() == Move.State.STARTING) {
        String key = move.key(drain.id());
        if (drain.phase() == Drain.Phase.DRAINING) {
          Optional<MigrationId> id = submit(drain, move);
          next = id.isPresent() ? Drainer.made(next, move, id.get(), now) : next;
        } else if (keys.containsKey(key)) {
          next = Drainer.made(next, move, keys.get(key), now);
        } else {
          burnt.add(key);
          next = Drainer.neverMade(next, move, now);
        }
      }
    }
    return next;
  }

  /** What the migrations answer to that key: one migration, however often it is asked for. */
  Optional<MigrationId> submit(Drain drain, Move move) {
    String key = move.key(drain.id());
    if (burnt.contains(key)) {
      return Optional.empty();
    }
    if (!keys.containsKey(key)) {
      var id = new MigrationId("m%07d".formatted(migrations.size()));
      keys.put(key, id);
      put(fresh(id, drain.order(move.vm(), move.destination(), move.pairs())));
    }
    return Optional.of(keys.get(key));
  }

  void put(Migration m) {
    migrations.put(m.id(), m);
  }

  Migration fresh(MigrationId id, Order order) {
    return new Migration(
        id,
        order,
        "token",
        1,
        null,
        "drain",
        "me",
        Phase.QUEUED,
        null,
        null,
        new Epoch(1, "o"),
        1,
        now,
        now,
        null,
        false,
        null,
        Evidence.NONE,
        List.of(),
        0,
        null,
        null);
  }

  /** That migration is in another phase; at its end the devices are where they belong. */
  void move(MigrationId id, Phase phase, Outcome outcome) {
    Migration m = migrations.get(id);
    put(m.with(List.of(new Note.Moved(m.phase(), phase, Trigger.CHECKED, outcome)), now));
    if (outcome == Outcome.SUCCEEDED) {
      Order order = m.order();
      for (Order.Pair pair : order.devices()) {
        change(order.source(), pair.source().value(), d -> owned(d, null));
        change(order.destination(), pair.destination().value(), d -> owned(d, order.vm()));
      }
    }
  }

  void abort(MigrationId id) {
    Migration m = migrations.get(id);
    var wish = new Migration.Wish("somebody", "why", now);
    put(m.with(List.of(new Note.AbortWished(wish)), now));
  }

  private static DeviceView owned(DeviceView d, String vm) {
    return new DeviceView(
        d.host(),
        d.name(),
        d.backend(),
        d.driver(),
        d.model(),
        d.capabilities(),
        d.state(),
        d.stateSeenMillis(),
        vm,
        null,
        d.dataBytes(),
        d.unavailable());
  }

  void leave(HostName host, String device) {
    change(host, device, d -> owned(d, null));
  }
}
