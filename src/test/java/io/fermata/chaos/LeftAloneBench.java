package io.fermata.chaos;

import static io.fermata.chaos.CrashPoint.Moment.ANSWERED;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.bench.Figure;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimReport;
import io.fermata.journal.PostgresServer;
import io.fermata.migration.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The orchestrator is killed while the set is frozen. Alone, its agents wait for the rest of the
 * lease and let the set run again: how long that took, by the agent's own clock. Where another
 * replica lives, how long until it has taken the migration over.
 */
public final class LeftAloneBench implements AutoCloseable {
  private static final int ROUNDS = 5;
  private static final long LEASE_MILLIS = 3_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final CrashPoint FROZEN = new CrashPoint(ANSWERED, "Freeze");

  private final Path folder;
  private final AgentPair agents;
  private int started;

  private LeftAloneBench(Path folder) {
    this.folder = folder;
    this.agents = new AgentPair(folder);
  }

  public static void main(String[] args) throws Exception {
    try (var bench = fresh()) {
      bench.alone();
    }
    // to another journal the same agents would know too much
    try (var bench = fresh()) {
      bench.amongReplicas();
    }
    System.exit(0);
  }

  private static LeftAloneBench fresh() throws IOException {
    return new LeftAloneBench(Files.createTempDirectory("fermata-bench-"));
  }

  /** The agents' threads would keep a process alive that has failed. */
  @Override
  public void close() {
    agents.close();
  }

  private void alone() throws Exception {
    List<Double> ran = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Route route = route();
      try (Orchestrator dying = orchestrator(journal())) {
        dying.dieMoving(route, FROZEN);
      }
      var died = agents.hosts.status(route.from());
      String migration = died.claims().getFirst().migration().value();
      await(() -> agents.hosts.runs(route.from()));
      ClaimReport report = agents.hosts.claim(route.from(), migration);
      ran.add((report.hops().getLast().endNanos() - died.clockNanos()) / 1e6);
      try (Orchestrator next = orchestrator(journal())) {
        next.settle();
      }
      agents.hosts.awaitAtRest(route.from());
    }
    String most = "lease %d ms, worst %.0f ms".formatted(LEASE_MILLIS, Figure.at(100, ran));
    String name = "orchestrator killed in the barrier, set of 17 runs again, p99";
    Figure.of(name, 99, ran, "ms", most, "<= " + (LEASE_MILLIS + 100)).tell();
  }

  private void amongReplicas() throws Exception {
    List<Double> taken = new ArrayList<>();
    try (var database = PostgresServer.in(folder.resolve("database"));
        var living = replica(database.database())) {
      var migrations = living.getBean(Migrations.class);
      var any = new Migrations.Filter(null, null, null, null, null, null);
      for (int round = 0; round < ROUNDS; round++) {
        Route route = route();
        try (Orchestrator dying = orchestrator(journalAt(url(living), "dying"))) {
          dying.dieMoving(route, FROZEN);
        }
        long died = System.nanoTime();
        MigrationId id = migrations.list(any, null, 1).items().getFirst().migration().id();
        await(() -> migrations.find(id).orElseThrow().migration().epoch().number() > 1);
        taken.add((System.nanoTime() - died) / 1e6);
        await(() -> migrations.find(id).orElseThrow().migration().ended());
      }
    }
    String spread = "median %.0f ms".formatted(Figure.at(50, taken));
    Figure.of("another replica in charge, p99", 99, taken, "ms", spread, "<= 3000").tell();
  }

  private static String url(ConfigurableApplicationContext replica) {
    return replica.getEnvironment().getRequiredProperty("fermata.journal.url");
  }

  private ConfigurableApplicationContext replica(String url) {
    List<String> settings = new ArrayList<>(journalAt(url, "living"));
    settings.add("--server.port=0");
    settings.addAll(agents.hosts.inventory());
    return Fermata.start(Role.ORCHESTRATOR, settings);
  }

  private List<String> journalAt(String url, String name) {
    return List.of(
        "--fermata.journal.url=" + url,
        "--fermata.journal.username=postgres",
        "--fermata.journal.directory=" + folder.resolve(name));
  }

  private List<String> journal() {
    return List.of("--fermata.journal.directory=" + folder.resolve("journal"));
  }

  private Orchestrator orchestrator(List<String> journal) throws IOException {
    List<String> settings = new ArrayList<>(agents.hosts.inventory());
    settings.add("--server.port=0");
    settings.add("--fermata.migration.lease=" + LEASE_MILLIS + "ms");
    settings.addAll(journal);
    return Orchestrator.start(folder.resolve("orchestrator-" + started++), settings);
  }

  private Route route() {
    String from = agents.hosts.owner();
    return new Route(from, agents.hosts.other(from), false);
  }

  private static void await(Callable<Boolean> until) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(until);
  }
}
