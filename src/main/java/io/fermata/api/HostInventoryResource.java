package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.text.InventoryText;
import io.fermata.api.text.Sheet;
import io.fermata.api.view.InventoryView.HostJson;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.migration.HostOrders;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The inventory while the service runs: an administrator enters a host, changes it, and retires it.
 * What the settings say of a host of that name counts no more from then on. A host is retired, and
 * its agent's address changed, only while nothing depends on it: no migration under way names it,
 * and its agent, if it answers, has no guest's device.
 */
@RestController
@RequestMapping("/api/v1/hosts/{h}")
class HostInventoryResource {
  private final Fleet fleet;
  private final HostOrders orders;
  private final Migrations migrations;
  private final Results results;
  private final ApiSettings api;
  private final InstantSource time;

  HostInventoryResource(
      Fleet fleet,
      HostOrders orders,
      Migrations migrations,
      Results results,
      ApiSettings api,
      InstantSource time) {
    this.fleet = fleet;
    this.orders = orders;
    this.migrations = migrations;
    this.results = results;
    this.api = api;
    this.time = time;
  }

  /** What a retirement comes to. */
  record RetiredJson(String name, boolean retired) {}

  @PutMapping
  ResponseEntity<Answer> enter(@PathVariable String h, HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    HostEntry entry = HostEntry.read(body, h, api.labelsMax(), fleet::objection);
    Optional<HostView> before = fleet.host(entry.name());
    long version = version(request, entry.name(), before);
    FleetSettings.Host host = entry.host();
    before.filter(old -> !sameAgent(old, host)).ifPresent(this::leaveAlone);
    write(entry.name(), new HostMarks.Place(host), entry.reason(), request, version);
    HostView now = fleet.refresh(entry.name()).orElseThrow();
    Instant moment = time.instant();
    return ResponseEntity.ok()
        .eTag(IfMatch.tag(now.marks().version()))
        .body(new Answer(HostJson.of(now, moment), InventoryText.host(now, moment)));
  }

  private static boolean sameAgent(HostView old, FleetSettings.Host now) {
    var peer = now.peer() == null ? now.agent() : now.peer();
    return old.agent().equals(now.agent()) && old.peer().equals(peer);
  }

  @DeleteMapping
  Answer retire(@PathVariable String h, HttpServletRequest request) {
    Given query = Given.query(request);
    query.required("reason");
    String reason = StartRequest.reason(query);
    query.check();
    HostView host = HostResource.known(fleet, h);
    long version = IfMatch.version(request, "host", host.marks().version());
    leaveAlone(host);
    String why = Objects.requireNonNull(reason);
    write(host.name(), new HostMarks.Place(null), why, request, version);
    Sheet sheet = new Sheet().line(host.name() + " is retired; its agent is asked no more");
    return new Answer(
        new RetiredJson(host.name().value(), true), sheet.next("curl \"$F/hosts?o=text\""));
  }

  private long version(HttpServletRequest request, HostName name, Optional<HostView> present) {
    long now = orders.marks(name).version();
    return present.isPresent() ? IfMatch.version(request, "host", now) : now;
  }

  private void write(
      HostName host,
      HostMarks.Place place,
      String reason,
      HttpServletRequest request,
      long version) {
    var by = new HostMarks.Mark(Actor.of(request), reason, time.millis());
    HostOrdersResource.done(host, results.settled(orders.place(host, place, by, version)));
  }

  /** Refuses whatever would take an agent away from those that need it. */
  private void leaveAlone(HostView host) {
    String name = host.name().value();
    var underWay = new Filter(null, name, "active", null, null, null);
    List<Live> live = migrations.list(underWay, null, 1).items();
    if (!live.isEmpty()) {
      String id = live.getFirst().migration().id().value();
      throw inUse(host, null, "migration " + id + " names it", "curl $F/migrations/" + id);
    }
    boolean silent = host.state() == AgentState.LOST || host.state() == AgentState.UNKNOWN;
    host.devices().stream()
        .filter(device -> !silent && device.vm() != null)
        .findFirst()
        .ifPresent(device -> {
          throw inUse(
              host,
              device,
              device.vm() + " has its device " + device.name(),
              "curl $F/hosts/" + name + "/devices");
        });
  }

  private static Refused inUse(
      HostView host, @Nullable DeviceView device, String why, String next) {
    String name = host.name().value();
    Problem problem =
        Problem.of(ProblemCode.HOST_IN_USE, name + " stays as it is while it is in use: " + why)
            .withNext(next);
    return new Refused(
        device == null ? problem.onHost(name) : problem.onDevice(name, device.name().value()));
  }
}
