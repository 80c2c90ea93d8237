package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.HostView;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.MemoryReplicas;
import io.fermata.journal.Replicas.Replica;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thread that renews the lease: from when, through what, and to what end. */
class KeeperThreadTest implements Given.Hosts {
  private static final long PATIENCE_SECONDS = 30;
  private static final Replica SELF = new Replica("me", "http://me", "secret", 0, 0);

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final CountDownLatch renewals = new CountDownLatch(3);
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Database database = new Database();
  private final Keeper keeper = keeper();
  private final KeeperThread thread = new KeeperThread(database, () -> keeper);

  /** One that breaks at the first question, by a mistake that nobody thought of. */
  private final class Database extends MemoryReplicas {
    Database() {
      super(() -> journal, () -> journal, () -> 1_000);
    }

    @Override
    public boolean renew(Replica self, long leaseMillis) {
      boolean first = renewals.getCount() == 3;
      renewals.countDown();
      if (first) {
        throw new IllegalStateException("a mistake");
      }
      return super.renew(self, leaseMillis);
    }

    @Override
    public void leave(String id) {
      super.leave(id);
      calls.add(id + " left");
    }

    @Override
    public void close() {
      calls.add("closed");
    }
  }

  private Keeper keeper() {
    Agents silent = (host, request, timeout, then) -> {};
    var world =
        new MigrationLoop.World(
            journal, silent, this, Given.moment(() -> 1_000), Runnable::run, "me");
    var loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    var terms = new LeaseTerms(Duration.ofMillis(30), Duration.ofMillis(10));
    return new Keeper(database, journal, loop, SELF, terms);
  }

  @AfterEach
  void theThreadEnds() {
    thread.close();
  }

  /** Else others take over all that it drives, and it does not know why. */
  @Test
  void aTurnThatBreaksIsNotTheLast() throws InterruptedException {
    thread.start(null);
    assertTrue(renewals.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    assertEquals(Optional.of(keeper), thread.keeper());
  }

  @Test
  void whoStopsLeavesWhileItHasADatabase() throws InterruptedException {
    thread.start(null);
    assertTrue(renewals.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    thread.close();
    assertEquals(List.of("me left", "closed"), calls);
  }

  /** An owner that cannot be reached would be no use to the others. */
  @Test
  void beforeTheServerAnswersNothingIsKept() {
    assertEquals(Optional.empty(), thread.keeper());
    thread.close();
    assertEquals(List.of("closed"), calls);
  }

  @Test
  void aJournalThatIsNobodyElsesNeedsNoLease() {
    try (KeeperThread alone = new KeeperThread(null, () -> null)) {
      alone.start(null);
      assertEquals(Optional.empty(), alone.keeper());
    }
  }

  @Override
  public List<HostView> hosts() {
    return List.of();
  }
}
