package io.fermata.api;

import io.fermata.api.access.Tenancy;
import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.Given;
import io.fermata.api.text.InventoryText;
import io.fermata.api.view.InventoryView;
import io.fermata.device.DeviceState;
import io.fermata.drain.Drains;
import io.fermata.drain.PowerOff;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Hosts and devices as their agents last reported them. */
@RestController
@RequestMapping("/api/v1")
class HostResource {
  private final Fleet fleet;
  private final Drains drains;
  private final InstantSource time;
  private final Tenancy tenancy;

  HostResource(Fleet fleet, Drains drains, InstantSource time, Tenancy tenancy) {
    this.drains = drains;
    this.tenancy = tenancy;
    this.fleet = fleet;
    this.time = time;
  }

  /** What a list looks like. */
  record Items<T>(List<T> items) {}

  @GetMapping("/hosts")
  Answer hosts(HttpServletRequest request) {
    Given.query(request).check();
    Instant now = time.instant();
    List<HostView> hosts = seen();
    return new Answer(
        new Items<>(hosts.stream().map(host -> InventoryView.HostJson.of(host, now)).toList()),
        InventoryText.hosts(hosts, now));
  }

  /** The tag is the version of what operators said of the host. */
  @GetMapping("/hosts/{h}")
  ResponseEntity<Answer> host(@PathVariable String h, HttpServletRequest request) {
    Given.query(request).check();
    HostView host = find(h);
    PowerOff judged = judged(host);
    Instant now = time.instant();
    return ResponseEntity.ok()
        .eTag(IfMatch.tag(host.marks().version()))
        .body(
            new Answer(
                InventoryView.HostJson.of(host, judged, now),
                InventoryText.host(host, judged, now)));
  }

  /** The agent is asked where it could be so, and where the answer is for the caller to know. */
  private @Nullable PowerOff judged(HostView host) {
    boolean may = host.marks().cordon() != null && !tenancy.bound();
    return may ? drains.powerOff(host.name(), Set.of()) : null;
  }

  @GetMapping("/hosts/{h}/devices")
  Answer devicesOf(@PathVariable String h, HttpServletRequest request) {
    DeviceState state = state(request);
    return devices(find(h).devices(), state);
  }

  @GetMapping("/devices")
  Answer allDevices(HttpServletRequest request) {
    DeviceState state = state(request);
    List<DeviceView> all = seen().stream().flatMap(host -> host.devices().stream()).toList();
    return devices(all, state);
  }

  private Answer devices(List<DeviceView> all, @Nullable DeviceState state) {
    Instant now = time.instant();
    List<DeviceView> devices =
        all.stream().filter(device -> state == null || device.state() == state).toList();
    return new Answer(
        new Items<>(
            devices.stream().map(device -> InventoryView.DeviceJson.of(device, now)).toList()),
        InventoryText.devices(devices, now));
  }

  private static @Nullable DeviceState state(HttpServletRequest request) {
    Given query = Given.query(request);
    DeviceState state = query.word("state", DeviceState.class);
    query.check();
    return state;
  }

  private List<HostView> seen() {
    return fleet.hosts().stream().map(this::seen).toList();
  }

  /** Without what the caller may not know of. */
  private HostView seen(HostView host) {
    return host.withDevices(
        host.devices().stream().filter(device -> tenancy.seesDeviceOf(device.vm())).toList());
  }

  private HostView find(String name) {
    return seen(known(fleet, name));
  }

  /**
   * The host of that name.
   *
   * @throws Refused if the inventory has none
   */
  static HostView known(Fleet fleet, String name) {
    return parsed(name)
        .flatMap(fleet::host)
        .orElseThrow(() ->
            new Refused(
                Problem.of(ProblemCode.UNKNOWN_HOST, "the inventory has no such host")
                    .withNext("curl $F/hosts")));
  }

  private static Optional<HostName> parsed(String name) {
    try {
      return Optional.of(new HostName(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
