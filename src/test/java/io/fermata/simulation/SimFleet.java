package io.fermata.simulation;

import io.fermata.device.DeviceName;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.HostName;
import io.fermata.wire.Protocol;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What one orchestrator knows of the hosts: as it was at its last poll, a second ago or more. */
final class SimFleet implements Fleet {
  private static final long POLL = World.SECOND;
  private static final Map<HostName, URI> URLS = new ConcurrentHashMap<>();

  private final Surroundings around;
  private final String owner;
  private final Protocol build;
  private final SimClock clock;
  private final Map<HostName, HostView> views = new TreeMap<>();
  private final Map<HostName, Long> polled = new TreeMap<>();

  SimFleet(Surroundings around, String owner, Protocol build, SimClock clock) {
    this.around = around;
    this.owner = owner;
    this.build = build;
    this.clock = clock;
  }

  static URI url(HostName host) {
    return URLS.computeIfAbsent(host, name -> URI.create("http://" + name + ":8090"));
  }

  @Override
  public List<HostView> hosts() {
    return around.hosts().keySet().stream().map(this::view).toList();
  }

  @Override
  public Optional<HostView> host(HostName name) {
    return Optional.of(view(name));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    polled.remove(name);
    return host(name);
  }

  private HostView view(HostName name) {
    long now = around.world().now();
    Long last = polled.get(name);
    if (last == null || now - last >= POLL) {
      polled.put(name, now);
      poll(around.host(name));
    }
    return views.get(name);
  }

  private void poll(SimHost host) {
    String name = host.name().value();
    SimNetwork network = around.network();
    boolean cut = network.isCut(owner, name) || network.isCut(name, owner);
    boolean known = host.objection(build) == null;
    boolean reached = !cut && known && !network.isRefused(owner, name);
    AgentProcess agent = host.agent();
    if (agent != null && reached && agent.pausedUntil() <= around.world().now()) {
      views.put(host.name(), look(host, agent.claims()));
    } else {
      views.putIfAbsent(host.name(), view(host.name(), AgentState.UNKNOWN, List.of()));
    }
  }

  private HostView look(SimHost host, Claims claims) {
    List<DeviceView> devices = new ArrayList<>();
    for (SimDevice device : host.devices().values()) {
      DeviceName name = new DeviceName(device.name());
      Claims.Holding holding = claims.devices().get(name);
      devices.add(
          new DeviceView(
              host.name(),
              name,
              "sim",
              "sim",
              "model",
              device.offered(),
              device.state(),
              clock.epoch() / World.MILLI,
              holding == null ? null : holding.vm(),
              claims.holder(name).map(Claim::migration).map(Object::toString).orElse(null),
              1L << 20,
              null));
    }
    AgentState state = claims.quiet().isPresent() ? AgentState.QUIET : AgentState.READY;
    return view(host.name(), state, devices);
  }

  private HostView view(HostName name, AgentState state, List<DeviceView> devices) {
    return new HostView(
        name,
        url(name),
        name + ":8091",
        Map.of(),
        true,
        state,
        "sim",
        1L << 30,
        clock.epoch() / World.MILLI,
        null,
        null,
        devices);
  }
}
