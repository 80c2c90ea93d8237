package io.fermata.steps;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Claims;
import io.fermata.handover.HostName;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the orchestrator knows of the hosts: as they were set up, and all well. */
final class StageFleet implements Fleet {
  private static final long POLL = 1_000 * Stage.MILLI;

  private final Stage stage;
  private final Map<String, HostView> views = new TreeMap<>();
  private long polledAt;

  StageFleet(Stage stage) {
    this.stage = stage;
  }

  @Override
  public List<HostView> hosts() {
    return List.of(view(Stage.SOURCE), view(Stage.DESTINATION));
  }

  @Override
  public Optional<HostView> host(HostName name) {
    if (views.isEmpty() || stage.now() - polledAt >= POLL) {
      polledAt = stage.now();
      hosts().forEach(view -> views.put(view.name().value(), view));
    }
    return Optional.ofNullable(views.get(name.value()));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    return host(name);
  }

  private HostView view(String name) {
    Host host = stage.host(name);
    boolean cordoned = stage.story() == Story.CORDONED && name.equals(Stage.DESTINATION);
    List<DeviceView> devices = new ArrayList<>();
    host.things.forEach((device, thing) -> devices.add(view(host, device, thing)));
    return new HostView(
        new HostName(name),
        URI.create("http://" + name),
        name + ":1",
        Map.of(),
        !cordoned,
        AgentState.READY,
        "test",
        1L << 30,
        stage.now() / Stage.MILLI,
        null,
        null,
        devices);
  }

  private DeviceView view(Host host, DeviceName device, Thing thing) {
    return new DeviceView(
        new HostName(host.name),
        device,
        "stage",
        "stage",
        "model",
        thing.offered,
        DeviceState.RUNNING,
        stage.now() / Stage.MILLI,
        owner(host, device),
        null,
        1L,
        null);
  }

  private static @Nullable String owner(Host host, DeviceName device) {
    Claims claims = host.claims();
    Claims.Holding held = claims == null ? null : claims.devices().get(device);
    boolean first = host.name.equals(Stage.SOURCE) && device.value().startsWith("d");
    return held == null ? (first ? "vm" : null) : held.vm();
  }
}
