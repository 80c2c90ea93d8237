package io.fermata.bench;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.springframework.context.ConfigurableApplicationContext;

/** The orchestrator, in this process, and what it is asked for. */
final class Moves implements AutoCloseable {
  /** Three processes on two cores that compile: who waits for its turn is not silent, nor late. */
  private static final List<String> PATIENCE =
      List.of(
          "--fermata.fleet.timeout=10s",
          "--fermata.fleet.stale=20s",
          "--fermata.fleet.lost=40s",
          "--fermata.migration.lease=20s",
          "--fermata.migration.deadlines.quiescing=60s",
          "--fermata.migration.deadlines.freezing=60s",
          "--fermata.migration.deadlines.copying=60s",
          "--fermata.migration.deadlines.sealing=60s",
          "--fermata.migration.deadlines.resuming=60s");

  private final ConfigurableApplicationContext context;
  private final Migrations migrations;
  private final Fleet fleet;

  /**
   * Starts it.
   *
   * @param more configuration besides its own
   */
  Moves(Agents agents, Path folder, Class<?>... more) {
    List<String> arguments = new ArrayList<>(agents.inventory());
    for (Class<?> each : more) {
      arguments.add("--spring.main.sources=" + each.getName());
    }
    arguments.add("--server.port=0");
    arguments.add("--fermata.fleet.poll=1s");
    arguments.addAll(PATIENCE);
    for (String limit : List.of("per-source", "per-destination", "per-pair", "blackouts")) {
      arguments.add("--fermata.limits." + limit + "=1000"); // all that are asked for are in flight
    }
    arguments.add("--fermata.journal.directory=" + folder.resolve("journal"));
    context = Fermata.start(Role.ORCHESTRATOR, arguments);
    migrations = context.getBean(Migrations.class);
    fleet = context.getBean(Fleet.class);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> fleet.hosts().stream().noneMatch(h -> h.devices().isEmpty()));
  }

  /** Has the orchestrator ask these agents how they stand. */
  void look(String... hosts) {
    for (String host : hosts) {
      var _ = fleet.refresh(new HostName(host)).orElseThrow();
    }
  }

  /** Looks at both and submits one; it copies only in the blackout. */
  MigrationId begin(String vm, String from, String to) {
    look(from, to);
    return beginAsSeen(vm, from, to);
  }

  /** The same as the orchestrator saw the hosts last. */
  MigrationId beginAsSeen(String vm, String from, String to) {
    var source = fleet.host(new HostName(from)).orElseThrow();
    var destination = fleet.host(new HostName(to)).orElseThrow();
    var pairs =
        source.devices().stream()
            .filter(d -> vm.equals(d.vm()))
            .map(d -> new Order.Pair(d.name(), d.name()))
            .toList();
    if (pairs.isEmpty()) {
      throw new IllegalStateException(vm + " is not on " + from);
    }
    var order =
        new Order(
            vm,
            source.name(),
            destination.name(),
            pairs,
            new Order.PreCopyTerms(false, 10, 1 << 20),
            0,
            Order.OnBudgetExceeded.CONTINUE,
            null,
            "user");
    var submission = new Migrations.Submission(order, "bench", "api", 1, null, null);
    return ((Migrations.Result.Taken) migrations.submit(submission).join()).migration().id();
  }

  Migration end(MigrationId id) {
    Live live = migrations.find(id).orElseThrow();
    while (!live.migration().ended()) {
      migrations.changed(id, live.migration().version(), 1_000).join();
      live = migrations.find(id).orElseThrow();
    }
    if (live.migration().outcome() != Outcome.SUCCEEDED) {
      throw new IllegalStateException(String.valueOf(live.migration().failure()));
    }
    return live.migration();
  }

  @Override
  public void close() {
    context.close();
  }
}
