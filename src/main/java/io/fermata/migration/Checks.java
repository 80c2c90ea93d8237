package io.fermata.migration;

import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The prechecks of a plan or an order: pure, on what the fleet knows. Nothing is touched. */
public final class Checks {
  private final Order order;
  private final HostView source;
  private final HostView destination;
  private final Latencies learned;
  private final List<Check> done = new ArrayList<>();

  /** What came of one check. */
  public enum Verdict {
    PASS,
    WARN,
    FAIL
  }

  /**
   * One check.
   *
   * @param id stable, for programs
   * @param detail names host, device, driver and what was found
   * @param fix what would help, or null when nothing is wrong
   * @param host where it fails, or null
   * @param device on which device it fails, or null
   */
  public record Check(
      String id,
      Verdict verdict,
      String detail,
      @Nullable String fix,
      @Nullable String host,
      @Nullable String device) {}

  private Checks(Order order, HostView source, HostView destination, Latencies learned) {
    this.order = order;
    this.source = source;
    this.destination = destination;
    this.learned = learned;
  }

  /** Every check, in a fixed order: one PASS line per kind, or one line per thing that is wrong. */
  public static List<Check> of(Order order, HostView source, HostView destination) {
    return of(order, source, destination, new Latencies());
  }

  /** The same, where it is known what took how long before. */
  public static List<Check> of(
      Order order, HostView source, HostView destination, Latencies learned) {
    Checks checks = new Checks(order, source, destination, learned);
    checks.kind("agents", checks::agents);
    checks.kind("destination-schedulable", checks::schedulable);
    checks.kind("devices-known", checks::known);
    checks.kind("migration-support", checks::support);
    checks.kind("peer-to-peer", checks::p2p);
    checks.kind("owner", checks::owner);
    checks.kind("whole-set", checks::whole);
    checks.kind("claim", checks::claim);
    checks.kind("source-running", checks::running);
    checks.kind("same-profile", checks::profile);
    checks.kind("guest", checks::guest);
    checks.kind("budget", checks::budget);
    return List.copyOf(checks.done);
  }

  /** The checks that forbid the migration. */
  public static List<Check> failures(List<Check> checks) {
    return checks.stream().filter(c -> c.verdict() == Verdict.FAIL).toList();
  }

  private void kind(String id, Consumer<String> check) {
    int before = done.size();
    check.accept(id);
    if (done.size() == before) {
      done.add(new Check(id, Verdict.PASS, "holds", null, null, null));
    }
  }

  private void agents(String id) {
    for (HostView host : List.of(source, destination)) {
      if (host.state() != AgentState.READY) {
        String why = host.trouble() == null ? "" : ": " + host.trouble();
        fail(
            id,
            host.name() + "'s agent is " + host.state() + why,
            "start or repair it",
            host,
            null);
      }
    }
  }

  private void schedulable(String id) {
    if (!destination.schedulable()) {
      String name = destination.name().value();
      fail(id, name + " is cordoned", "POST /hosts/" + name + "/uncordon", destination, null);
    }
  }

  private void known(String id) {
    for (Order.Pair pair : order.devices()) {
      present(id, source, pair.source().value());
      present(id, destination, pair.destination().value());
    }
    if (order.devices().isEmpty()) {
      fail(id, "the set is empty", "name at least one device", source, null);
    }
  }

  private void present(String id, HostView host, String name) {
    Optional<DeviceView> device = host.device(name);
    if (device.isEmpty()) {
      String list = "see GET /hosts/" + host.name() + "/devices";
      fail(id, host.name() + " has no device " + name, list, host, name);
    } else if (device.get().unavailable() != null) {
      String why = host.name() + " " + name + " cannot be used: " + device.get().unavailable();
      fail(id, why, "repair it on the host", host, name);
    }
  }

  private void support(String id) {
    for (DeviceView device : set()) {
      if (!device.capabilities().has(Capability.STOP_COPY)) {
        String fix = "load a driver with migration support, or leave the device out of the VM";
        fail(id, words(device) + " lacks STOP_COPY: it cannot migrate at all", fix, device);
      }
    }
  }

  private void p2p(String id) {
    for (DeviceView device : set()) {
      boolean alone = order.devices().size() == 1;
      if (!device.capabilities().has(Capability.P2P) && !alone) {
        String fix = "update its driver to one with P2P, or detach the device first";
        fail(id, words(device) + " lacks P2P: it cannot wait quietly for its peers", fix, device);
      }
    }
  }

  private void owner(String id) {
    for (Order.Pair pair : order.devices()) {
      source
          .device(pair.source().value())
          .filter(d -> d.unavailable() == null && !order.vm().equals(d.vm()))
          .ifPresent(d -> fail(id, words(d) + " belongs to " + owner(d), "name its VM", d));
      destination
          .device(pair.destination().value())
          .filter(d -> d.vm() != null)
          .ifPresent(d -> fail(id, words(d) + " belongs to " + d.vm(), "name a free device", d));
    }
  }

  private static String owner(DeviceView device) {
    return device.vm() == null ? "nobody" : device.vm();
  }

  private void whole(String id) {
    List<String> named = order.devices().stream().map(p -> p.source().value()).toList();
    source.devices().stream()
        .filter(d -> order.vm().equals(d.vm()) && !named.contains(d.name().value()))
        .forEach(d -> fail(id, words(d) + " belongs to the set and is left out", "name it too", d));
  }

  private void claim(String id) {
    for (DeviceView device : set()) {
      if (device.claim() != null) {
        String fix = "wait for it or abort it: GET /migrations/" + device.claim() + "/explain";
        fail(id, words(device) + " is held by migration " + device.claim(), fix, device);
      }
    }
  }

  private void running(String id) {
    for (Order.Pair pair : order.devices()) {
      source
          .device(pair.source().value())
          .filter(d -> d.unavailable() == null && d.state() != DeviceState.RUNNING)
          .ifPresent(
              d -> fail(id, words(d) + " is in " + d.state(), "bring it to RUNNING first", d));
    }
  }

  private void profile(String id) {
    for (Order.Pair pair : order.devices()) {
      Optional<DeviceView> from = source.device(pair.source().value());
      Optional<DeviceView> to = destination.device(pair.destination().value());
      if (from.isPresent() && to.isPresent() && !from.get().profile().equals(to.get().profile())) {
        String detail = words(from.get()) + " is " + from.get().profile() + ", " + words(to.get());
        String fix = "the destination would refuse the image; choose a device of the same profile";
        done.add(
            new Check(
                id,
                Verdict.WARN,
                detail + " is " + to.get().profile(),
                fix,
                destination.name().value(),
                to.get().name().value()));
      }
    }
  }

  /** Who pauses the vCPUs is told, since with {@code none} the caller has to. */
  private void guest(String id) {
    String here = guest(source);
    String there = guest(destination);
    String detail =
        "the vCPUs of " + order.vm() + " are paused by " + here + " and let run by " + there;
    if (here.equals(there)) {
      done.add(new Check(id, Verdict.PASS, detail, null, null, null));
    } else {
      String fix = "say the same of the guest in both agents' settings, or pause it yourself";
      done.add(new Check(id, Verdict.WARN, detail, fix, destination.name().value(), null));
    }
  }

  private String guest(HostView host) {
    String kind = host.guests() == null ? "?" : host.guests().of(order.vm());
    return switch (kind) {
      case "none" -> "whoever asks for the migration (guest: none)";
      case "?" -> "nobody knows whom";
      default -> "the agent (" + kind + ")";
    };
  }

  private void budget(String id) {
    Estimate estimate = Estimate.of(order, source, learned);
    long budget = order.blackoutBudgetMillis();
    if (budget > 0 && estimate.totalMillis() != null && estimate.totalMillis() > budget) {
      String detail =
          "estimated blackout "
              + estimate.totalMillis()
              + " ms is over the budget "
              + budget
              + " ms";
      done.add(new Check(id, Verdict.WARN, detail, "raise blackoutBudgetMs", null, null));
    }
  }

  private List<DeviceView> set() {
    List<DeviceView> set = new ArrayList<>();
    for (Order.Pair pair : order.devices()) {
      source.device(pair.source().value()).ifPresent(set::add);
      destination.device(pair.destination().value()).ifPresent(set::add);
    }
    return set.stream().filter(d -> d.unavailable() == null).toList();
  }

  private static String words(DeviceView device) {
    return device.host() + " " + device.name() + " (" + device.driver() + ")";
  }

  private void fail(String id, String detail, String fix, DeviceView device) {
    String host = device.host().value();
    done.add(new Check(id, Verdict.FAIL, detail, fix, host, device.name().value()));
  }

  private void fail(String id, String detail, String fix, HostView host, @Nullable String device) {
    done.add(new Check(id, Verdict.FAIL, detail, fix, host.name().value(), device));
  }
}
