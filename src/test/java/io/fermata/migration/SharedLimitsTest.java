package io.fermata.migration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalSettings;
import io.fermata.journal.JournalTime;
import io.fermata.journal.PostgresJournal;
import io.fermata.journal.PostgresReplicas;
import io.fermata.journal.PostgresServer;
import io.fermata.journal.PostgresSettings;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.migration.Migrations.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas, one real database, one place in the cluster. */
class SharedLimitsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int EACH = 6;

  @TempDir Path directory;

  private final PostgresSettings place =
      PostgresServer.settings(PostgresServer.shared().database());
  private final List<Replica> replicas = new ArrayList<>();
  private Journal journal;

  @BeforeEach
  void twoReplicasLive() {
    journal = open();
    replicas.add(new Replica("r1"));
    replicas.add(new Replica("r2"));
    await().atMost(PATIENCE).until(() -> replicas.stream().allMatch(Replica::holds));
  }

  @AfterEach
  void allStop() {
    replicas.forEach(Replica::close);
    journal.close();
  }

  /** All wait; each that is given up lets exactly one other in, wherever it was ordered. */
  @Test
  void onePlaceIsOnePlaceForAllReplicasTogether() {
    List<CompletableFuture<Result>> asked = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      replicas.forEach(replica -> asked.add(replica.submit()));
    }
    asked.forEach(each -> assertInstanceOf(Result.Taken.class, each.join()));
    for (int gone = 0; gone < 2 * EACH; gone++) {
      int left = 2 * EACH - gone;
      await().atMost(PATIENCE).until(() -> !started().isEmpty() || journal.open().isEmpty());
      assertEquals(1, started().size(), () -> "at once: " + started());
      assertTrue(journal.open().size() <= left);
      Row started = started().getFirst();
      Replica owner =
          replicas.stream().filter(r -> r.name.equals(started.owner())).findFirst().orElseThrow();
      owner.migrations.abort(new MigrationId(started.id()), "test", "next").join();
      await()
          .atMost(PATIENCE)
          .until(() -> journal.row(started.id()).orElseThrow().outcome() != null);
    }
    assertTrue(journal.open().isEmpty(), "all of them had their turn");
  }

  @Test
  void whoWaitsIsToldOfThePlaceThatAnotherReplicaHolds() {
    var first = assertInstanceOf(Result.Taken.class, replicas.getFirst().submit().join());
    await().atMost(PATIENCE).until(() -> !started().isEmpty());
    var second = assertInstanceOf(Result.Taken.class, replicas.getLast().submit().join());
    MigrationId waits = second.migration().id();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Live live = replicas.getLast().migrations.find(waits).orElseThrow();
          assertEquals(1, live.queuePosition());
          assertTrue(
              live.waiting().toString().contains("held by " + first.migration().id()),
              () -> live.waiting().toString());
        });
    Traffic.View seen = new JournaledTraffic(replicas.getFirst().loop).view();
    assertTrue(seen.starting().size() <= 1);
  }

  /** Told to one replica: a limit lets two of them start, and a pause keeps all of them back. */
  @Test
  void whatOneReplicaIsToldHoldsForAll() {
    Traffic one = new JournaledTraffic(replicas.getFirst().loop);
    Traffic other = new JournaledTraffic(replicas.getLast().loop);
    var paused = new Intake(Intake.State.PAUSED, "OPS-1", "me", 1, null);
    assertInstanceOf(Traffic.Written.Done.class, one.intake(paused).join());
    await().atMost(PATIENCE).until(() -> other.view().paused());
    Result.Taken held = assertInstanceOf(Result.Taken.class, replicas.getLast().submit().join());
    Limits two = new Limits(2, 9, 9, 9, 1, 99);
    long version = one.view().limits().version();
    assertInstanceOf(Traffic.Written.Done.class, one.limits(two, version, "me").join());
    await().atMost(PATIENCE).until(() -> other.view().limits().value().equals(two));
    assertInstanceOf(
        Traffic.Written.Outdated.class,
        other.limits(two, version, "you").join(),
        "decided on less");
    assertEquals(List.of(), started(), "paused for all");
    assertTrue(replicas.getLast().migrations.find(held.migration().id()).isPresent());

    var open = new Intake(Intake.State.OPEN, "OPS-1", "me", 2, null);
    assertInstanceOf(Traffic.Written.Done.class, other.intake(open).join());
    replicas.getFirst().submit().join();
    replicas.getFirst().submit().join();
    await().atMost(PATIENCE).until(() -> started().size() == 2);
    List<Row> both = started();
    assertEquals(2, both.size());
    assertEquals(1, journal.open().size() - both.size(), "the third waits");
  }

  private List<Row> started() {
    return journal.open().stream().filter(row -> !row.phase().equals("QUEUED")).toList();
  }

  private Journal open() {
    var settings = new JournalSettings(directory, 1_000, 2, Duration.ofDays(1));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    return PostgresJournal.open(place, settings, time, nanos -> {});
  }

  /** A replica whose agents take no claim: what is started stays so until it is given up. */
  private final class Replica implements AutoCloseable {
    private final String name;
    private final Journal own = open();
    private final Replicas leases = new PostgresReplicas(place);
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final MigrationThread thread =
        new MigrationThread(System::currentTimeMillis, code -> {});
    private final MigrationLoop loop;
    private final JournaledMigrations migrations;

    Replica(String name) {
      this.name = name;
      Agents silent =
          (host, request, timeout, then) -> {
            boolean claims =
                request instanceof Request.ClaimSource
                    || request instanceof Request.ClaimDestination;
            if (!claims) {
              var none = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "never heard of it");
              then.accept(new Agents.Word.Answered(new Answer(none, null, "agent", 1, 2)));
            }
          };
      var world =
          new MigrationLoop.World(
              own,
              silent,
              new TwoHosts(),
              new RealMoment(),
              thread,
              name,
              Onlooker.NOBODY,
              Tenure.leased());
      var one = new Places.Rules(new Limits(1, 9, 9, 9, 1, 99), 60_000);
      loop = new MigrationLoop(world, new Lifecycle(), Terms.usual(), one);
      loop.share(own);
      loop.doorkeeper().readOn(read -> Thread.ofVirtual().start(read));
      loop.reading().readOn(read -> Thread.ofVirtual().start(read));
      migrations = new JournaledMigrations(loop, own, new SplittableRandom(name.hashCode()));
      var self = new Replicas.Replica(name, "http://" + name, "secret", 0, 0);
      var keeper = new Keeper(leases, own, loop, self, LeaseTerms.usual());
      thread.start(loop);
      long millis = LeaseTerms.usual().heartbeat().toMillis();
      heart.scheduleAtFixedRate(keeper::turn, 0, millis, TimeUnit.MILLISECONDS);
    }

    boolean holds() {
      CompletableFuture<Boolean> holds = new CompletableFuture<>();
      loop.onLoop(() -> holds.complete(loop.tenure().holds(loop.moment().monotonicNanos())));
      return holds.join();
    }

    CompletableFuture<Result> submit() {
      Order order = Orders.order(1, false, 0);
      return migrations.submit(
          new Migrations.Submission(order, "of " + name, "api", 1, null, null));
    }

    @Override
    public void close() {
      heart.shutdownNow();
      thread.close();
      leases.close();
      own.close();
    }
  }

  private static final class RealMoment implements Moment {
    @Override
    public long epochNanos() {
      return System.currentTimeMillis() * 1_000_000;
    }

    @Override
    public long monotonicNanos() {
      return System.nanoTime();
    }
  }

  /** They are there; what is ordered stays in PREPARING, since nobody answers. */
  private static final class TwoHosts implements Fleet {
    @Override
    public List<HostView> hosts() {
      return List.of();
    }

    @Override
    public Optional<HostView> host(HostName name) {
      return Optional.of(TrafficOfTheLoopTest.host(name));
    }

    @Override
    public Optional<HostView> refresh(HostName name) {
      return host(name);
    }
  }
}
