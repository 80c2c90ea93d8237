package io.fermata.api;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.fleet.Resets;
import io.fermata.handover.HostName;
import io.fermata.migration.HostOrders;
import io.fermata.migration.Traffic;
import io.fermata.migration.Traffic.Written;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Two hosts: {@code host-a} has the set of vm-1 and some oddities, {@code host-b} is free. */
final class FakeFleet implements Fleet, Resets, HostOrders {
  static final Capabilities ALL =
      Capabilities.of(Capability.STOP_COPY, Capability.P2P, Capability.PRE_COPY);

  final List<String> refreshed = new CopyOnWriteArrayList<>();
  private final Map<HostName, HostView> hosts = new TreeMap<>();

  /** What there is against any address. */
  volatile String objection;

  FakeFleet() {
    reset();
  }

  @Override
  public Optional<String> objection(URI address) {
    return Optional.ofNullable(objection);
  }

  /** Everything as at the start. */
  synchronized void reset() {
    refreshed.clear();
    resets.clear();
    hosts.clear();
    HostName a = new HostName("host-a");
    HostName b = new HostName("host-b");
    put(
        host(
            a,
            List.of(
                device(a, "gpu0", "vm-1", ALL),
                device(a, "nic0", "vm-1", ALL),
                device(a, "old0", "vm-2", Capabilities.of(Capability.STOP_COPY)),
                device(a, "dumb0", "vm-2", Capabilities.of()),
                device(a, "alien0", "vm-other", ALL))));
    put(
        host(
            b,
            List.of(
                device(b, "gpu0", null, ALL),
                device(b, "nic0", null, ALL),
                device(b, "nic3", null, ALL),
                device(b, "busy0", "vm-9", ALL))));
    put(host(new HostName("host-c"), List.of()));
  }

  synchronized void put(HostView host) {
    hosts.put(host.name(), host);
  }

  /** Replaces the devices of a host. */
  synchronized void devices(String name, UnaryOperator<List<DeviceView>> change) {
    HostView host = hosts.get(new HostName(name));
    put(host(host.name(), change.apply(host.devices())));
  }

  static HostView host(HostName name, List<DeviceView> devices) {
    return new HostView(
        name,
        URI.create("http://" + name + ":8090"),
        name + ":8091",
        Map.of("rack", "r1"),
        true,
        AgentState.READY,
        "1.0",
        1_000_000_000L,
        FakeMigrations.T0,
        1000L,
        null,
        devices);
  }

  static DeviceView device(HostName host, String name, String vm, Capabilities capabilities) {
    return new DeviceView(
        host,
        new DeviceName(name),
        "sim",
        name.replaceAll("[0-9]", "") + "-driver",
        "m1",
        capabilities,
        DeviceState.RUNNING,
        FakeMigrations.T0,
        vm,
        null,
        64_000_000L,
        null);
  }

  /** What was reset, and what the agent says of it. */
  final List<String> resets = new CopyOnWriteArrayList<>();

  Resets.Outcome nextReset = new Resets.Outcome(DeviceState.ERROR, DeviceState.RUNNING, null);

  @Override
  public CompletableFuture<Resets.Outcome> reset(
      HostName host, DeviceName device, Resets.Wish wish) {
    resets.add(host + " " + device + " " + wish.allowGuestImpact());
    return CompletableFuture.completedFuture(nextReset);
  }

  @Override
  public synchronized HostMarks marks(HostName host) {
    return hosts.containsKey(host) ? hosts.get(host).marks() : HostMarks.NONE;
  }

  @Override
  public synchronized CompletableFuture<Written<HostMarks>> say(
      HostName host, Order order, HostMarks.Mark by, long version) {
    HostView before = hosts.get(host);
    HostMarks now = before.marks();
    if (now.version() != version) {
      return CompletableFuture.completedFuture(new Written.Outdated<>(now.version()));
    }
    HostMarks.Mark cordon = order == Order.CORDONED ? by : now.cordon();
    HostMarks.Mark quarantine = order == Order.QUARANTINED ? by : now.quarantine();
    HostMarks marks =
        new HostMarks(
            order == Order.UNCORDONED ? null : cordon,
            order == Order.UNQUARANTINED ? null : quarantine,
            now.place(),
            version + 1);
    put(host(host, before.devices()).marked(marks));
    return CompletableFuture.completedFuture(
        new Written.Done<>(new Traffic.Held<>(marks, marks.version())));
  }

  @Override
  public synchronized CompletableFuture<Written<HostMarks>> place(
      HostName name, HostMarks.Place place, HostMarks.Mark by, long version) {
    HostMarks now = marks(name).placed(place);
    if (now.version() != version) {
      return CompletableFuture.completedFuture(new Written.Outdated<>(now.version()));
    }
    var marks = new HostMarks(now.cordon(), now.quarantine(), place, version + 1);
    HostView before = hosts.remove(name);
    if (place.host() != null) {
      put(host(name, before == null ? List.of() : before.devices()).marked(marks));
    }
    return CompletableFuture.completedFuture(
        new Written.Done<>(new Traffic.Held<>(marks, marks.version())));
  }

  @Override
  public synchronized List<HostView> hosts() {
    return List.copyOf(hosts.values());
  }

  @Override
  public synchronized Optional<HostView> host(HostName name) {
    return Optional.ofNullable(hosts.get(name));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    refreshed.add(name.value());
    return host(name);
  }
}
