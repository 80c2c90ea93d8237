package io.fermata.migration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalSettings;
import io.fermata.journal.JournalTime;
import io.fermata.journal.PostgresJournal;
import io.fermata.journal.PostgresReplicas;
import io.fermata.journal.PostgresServer;
import io.fermata.journal.PostgresSettings;
import io.fermata.journal.Replicas;
import io.fermata.journal.Replicas.Replica;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real loops with their leases on one real database, and others that die. */
class TakeOverTest {
  private static final int VICTIMS = 20;

  @TempDir Path directory;

  private final PostgresSettings place =
      PostgresServer.settings(PostgresServer.shared().database());
  private final List<Living> living = new ArrayList<>();
  private PostgresReplicas observer;
  private Journal journal;

  @BeforeEach
  void twoReplicasLive() {
    journal = open();
    observer = new PostgresReplicas(place);
    living.add(new Living("r1"));
    living.add(new Living("r2"));
    await().until(() -> observer.all().stream().filter(Replica::lives).count() == 2);
  }

  @AfterEach
  void allStop() {
    living.forEach(Living::close);
    observer.close();
    journal.close();
  }

  @Test
  void whatADeadReplicaOwnedIsTakenOverByExactlyOneOther() {
    Map<String, Long> died = new TreeMap<>();
    Map<String, Long> taken = new ConcurrentHashMap<>();
    journal.onCommit(entries ->
        entries.stream()
            .filter(e -> e.type().equals("migration.taken-over"))
            .forEach(e -> taken.putIfAbsent(e.subject(), System.nanoTime())));
    var random = new SplittableRandom(7);
    for (int i = 0; i < VICTIMS; i++) {
      String victim = "dead" + i;
      observer.renew(replica(victim), LeaseTerms.usual().lease().toMillis());
      String id = "m" + (1000 + i);
      died.put(id, System.nanoTime());
      journal.append(Writer.birth(queued(id, victim), null)).join();
      pause(random.nextInt(60));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> taken.size() == VICTIMS);
    List<Long> millis = new ArrayList<>();
    died.forEach((id, since) -> millis.add((taken.get(id) - since) / 1_000_000));
    Collections.sort(millis);
    System.out.printf(
        "take-over after the last sign of life, of %d: p50 %d ms, p99 %d ms%n",
        VICTIMS, millis.get(VICTIMS / 2), millis.getLast());

    await().atMost(Duration.ofSeconds(30)).until(() -> journal.open().isEmpty());
    for (String id : died.keySet()) {
      Migration ended = MigrationJson.migration(journal.row(id).orElseThrow().data());
      assertEquals(Outcome.FAILED, ended.outcome()); // there are no hosts
      assertEquals(2, ended.epoch().number());
      assertTrue(List.of("r1", "r2").contains(ended.epoch().owner()), id);
      long takeOvers =
          journal.entriesOf(id, 0, 100).stream()
              .filter(e -> e.type().equals("migration.taken-over"))
              .count();
      assertEquals(1, takeOvers, id);
    }
  }

  @Test
  void whatALivingReplicaOwnsIsLeftAlone() {
    observer.renew(replica("steady"), 60_000);
    journal.append(Writer.birth(queued("mine1", "steady"), null)).join();
    journal.append(Writer.birth(queued("mine2", "nobody"), null)).join();
    await().until(() -> journal.row("mine2").orElseThrow().outcome() != null);
    assertEquals("steady", journal.row("mine1").orElseThrow().owner());

    observer.leave("steady");
    await().until(() -> journal.row("mine1").orElseThrow().outcome() != null);
  }

  @Test
  void aReplicaThatDoesNotDriveItSaysWhoDoes() {
    observer.renew(replica("steady"), 60_000);
    journal.append(Writer.birth(queued("mine1", "steady"), null)).join();
    var answer = living.getFirst().migrations.abort(new MigrationId("mine1"), "me", "why").join();
    var elsewhere = assertInstanceOf(Migrations.Result.Elsewhere.class, answer);
    assertEquals("steady", elsewhere.migration().epoch().owner());
  }

  @Test
  void withoutALeaseNothingIsBegun() {
    Living late = new Living("late", false);
    living.add(late);
    var submission =
        new Migrations.Submission(Orders.order(1, false, 0), "me", "api", 1, null, null);
    var refused = late.migrations.submit(submission).join();
    assertInstanceOf(Migrations.Result.Unavailable.class, refused);
    late.keeper.turn();
    await()
        .until(() -> late.migrations.submit(submission).join() instanceof Migrations.Result.Taken);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Journal open() {
    var settings = new JournalSettings(directory, 1_000, 2, Duration.ofDays(1));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    return PostgresJournal.open(place, settings, time, nanos -> {});
  }

  private static Replica replica(String id) {
    return new Replica(id, "http://" + id, "secret", 0, 0);
  }

  private static Migration queued(String id, String owner) {
    return Orders.queued(id, new Epoch(1, owner));
  }

  /** A replica as it is put together in production, but for hosts and agents. */
  private final class Living implements AutoCloseable {
    private final Journal own = open();
    private final Replicas replicas = new PostgresReplicas(place);
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final MigrationThread thread =
        new MigrationThread(System::currentTimeMillis, code -> {});
    private final Keeper keeper;
    private final JournaledMigrations migrations;

    Living(String name) {
      this(name, true);
    }

    Living(String name, boolean beats) {
      Agents silent = (host, request, timeout, then) -> {};
      var world =
          new MigrationLoop.World(
              own,
              silent,
              new NoHosts(),
              new RealMoment(),
              thread,
              name,
              Onlooker.NOBODY,
              Tenure.leased());
      var loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
      migrations = new JournaledMigrations(loop, own, new SplittableRandom(name.hashCode()));
      keeper = new Keeper(replicas, own, loop, replica(name), LeaseTerms.usual());
      thread.start(loop);
      if (beats) {
        long millis = LeaseTerms.usual().heartbeat().toMillis();
        heart.scheduleAtFixedRate(keeper::turn, 0, millis, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void close() {
      heart.shutdownNow();
      thread.close();
      replicas.close();
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

  private static final class NoHosts implements Fleet {
    @Override
    public List<HostView> hosts() {
      return List.of();
    }

    @Override
    public Optional<HostView> host(HostName name) {
      return Optional.empty();
    }

    @Override
    public Optional<HostView> refresh(HostName name) {
      return Optional.empty();
    }
  }
}
