package io.fermata.lab;

import static java.util.stream.Collectors.joining;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import io.fermata.migration.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.springframework.context.ConfigurableApplicationContext;

/** The orchestrator of the lab: in this JVM, outside the machines, with a journal on disk. */
final class Orchestrator implements AutoCloseable {
  /** Under emulation, on a machine with other work, a Spring application takes its time. */
  private static final Duration AGENTS = Duration.ofMinutes(5);

  private static final Duration MIGRATION = Duration.ofMinutes(5);
  private static final Duration GLANCE = Duration.ofMillis(20);

  private final ConfigurableApplicationContext context;
  private final Migrations migrations;
  private final Fleet fleet;

  /** Times are those of machines that are emulated: generous, so that slowness fails no case. */
  Orchestrator(List<LabHost.Plan> hosts, Path journal) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--server.port=0");
    arguments.add("--fermata.journal.directory=" + journal);
    arguments.add("--fermata.fleet.poll=500ms");
    arguments.add("--fermata.fleet.timeout=30s");
    arguments.add("--fermata.fleet.stale=90s");
    arguments.add("--fermata.fleet.lost=180s");
    arguments.add("--fermata.fleet.connect-timeout=10s");
    arguments.add("--fermata.migration.lease=90s");
    for (String phase : List.of("preparing", "quiescing", "freezing", "sealing", "resuming")) {
      arguments.add("--fermata.migration.deadlines." + phase + "=150s");
    }
    for (String phase : List.of("rolling-back", "cleaning")) {
      arguments.add("--fermata.migration.deadlines." + phase + "=280s");
    }
    for (int i = 0; i < hosts.size(); i++) {
      String property = "--fermata.fleet.hosts[" + i + "].";
      arguments.add(property + "name=" + hosts.get(i).name());
      arguments.add(property + "agent=" + hosts.get(i).agent());
      arguments.add(property + "peer=" + hosts.get(i).peer());
    }
    this.context = Fermata.start(Role.ORCHESTRATOR, arguments);
    this.migrations = context.getBean(Migrations.class);
    this.fleet = context.getBean(Fleet.class);
  }

  /** Until both agents answer, and every device is free of claims and runs. */
  void awaitAtRest() {
    Awaitility.await("both agents answer and no device is claimed")
        .atMost(AGENTS)
        .pollInterval(GLANCE)
        .until(() -> fleet.hosts().stream().allMatch(Orchestrator::atRest));
    // The last look may be older than the end of the last migration; ask once more.
    fleet.hosts().forEach(host -> fleet.refresh(host.name()));
  }

  /** Until no migration holds a device of that machine any more, whatever others do. */
  void awaitFree(String vm) {
    Awaitility.await(vm + " is not claimed")
        .atMost(MIGRATION)
        .pollInterval(GLANCE)
        .until(() ->
            fleet.hosts().stream()
                .flatMap(host -> host.devices().stream())
                .filter(device -> vm.equals(device.vm()))
                .allMatch(Orchestrator::free));
    fleet.hosts().forEach(host -> fleet.refresh(host.name()));
  }

  private static boolean atRest(HostView host) {
    return host.state() == HostView.AgentState.READY
        && host.trouble() == null
        && !host.devices().isEmpty()
        && host.devices().stream().allMatch(Orchestrator::free);
  }

  private static boolean free(DeviceView device) {
    return device.unavailable() == null
        && device.claim() == null
        && device.state() == DeviceState.RUNNING;
  }

  /** By host, the devices that the agents say belong to that machine. */
  Map<String, Set<String>> owned(String vm) {
    Map<String, Set<String>> owned = new TreeMap<>();
    for (HostView host : fleet.hosts()) {
      for (DeviceView device : host.devices()) {
        if (vm.equals(device.vm())) {
          owned
              .computeIfAbsent(host.name().value(), name -> new TreeSet<>())
              .add(device.name().value());
        }
      }
    }
    return owned;
  }

  /** What the fleet knows, for messages. */
  String inventory() {
    return String.valueOf(fleet.hosts());
  }

  /** A new migration, on its way, once all is at rest. */
  MigrationId submit(Order order) {
    awaitAtRest();
    return begin(order);
  }

  /** A new migration beside whatever else is under way. */
  MigrationId begin(Order order) {
    var submission = new Migrations.Submission(order, "lab", "api", 1, null, null);
    return switch (migrations.submit(submission).join()) {
      case Migrations.Result.Taken taken -> taken.migration().id();
      case Migrations.Result other -> throw new AssertionError("not taken: " + other);
    };
  }

  /** The same as everybody else does it: by a POST to the API. */
  MigrationId post(Order order) {
    awaitAtRest();
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    URI start = URI.create("http://127.0.0.1:" + port + "/api/v1/migrations");
    var request =
        HttpRequest.newBuilder(start)
            .timeout(AGENTS)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json(order)))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      String location = answer.headers().firstValue("Location").orElse("");
      if (answer.statusCode() != 202 || location.isEmpty()) {
        throw new AssertionError("POST answered " + answer.statusCode() + ": " + answer.body());
      }
      return new MigrationId(location.substring(location.lastIndexOf('/') + 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static String json(Order order) {
    String pairs =
        order.devices().stream()
            .map(p ->
                "{\"source\":\"%s\",\"destination\":\"%s\"}".formatted(p.source(), p.destination()))
            .collect(joining(","));
    return "{\"vm\":\"%s\",\"source\":\"%s\",\"destination\":\"%s\","
            .formatted(order.vm(), order.source(), order.destination())
        + "\"devices\":[%s],\"preCopy\":{\"enabled\":%s}}"
            .formatted(pairs, order.preCopy().enabled());
  }

  /** Submits and waits for the end. */
  Live move(Order order) {
    return ended(submit(order));
  }

  Live ended(MigrationId id) {
    return await(id, live -> live.migration().ended());
  }

  /** The migration, as soon as it is as wished; it fails when it ends otherwise. */
  Live await(MigrationId id, Predicate<Live> wished) {
    Live seen =
        Awaitility.await("migration " + id)
            .atMost(MIGRATION)
            .pollInterval(GLANCE)
            .until(
                () -> migrations.find(id).orElseThrow(),
                live -> wished.test(live) || live.migration().ended());
    if (!wished.test(seen)) {
      throw new AssertionError("ended before it was as wished: " + seen.migration());
    }
    return seen;
  }

  void abort(MigrationId id) {
    var result = migrations.abort(id, "lab", "to see it walk back").join();
    if (!(result instanceof Migrations.Result.Taken)) {
      throw new AssertionError("the abort was not taken: " + result);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
