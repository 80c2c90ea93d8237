package io.fermata.agent.stream;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.MigrationId;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Limits to what is sent, on a clock that the test moves. */
class PaceTest {
  private static final MigrationId ONE = new MigrationId("m0001");
  private static final MigrationId OTHER = new MigrationId("m0002");
  private static final int MIB = 1 << 20;

  private final AtomicLong now = new AtomicLong();

  @Test
  void whoHasSentMoreThanItsShareWaitsAndTheOthersDoNot() {
    Pace pace = new Pace(Pace.UNLIMITED, now::get);
    pace.limit(ONE, 8 * MIB);
    pace.await(ONE);
    pace.sent(ONE, 8 * MIB);
    Thread waiting = waiting(pace, ONE);
    pace.sent(OTHER, 100 * MIB);
    pace.await(OTHER);
    assertTrue(waiting.isAlive());
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    await().until(() -> !waiting.isAlive());
  }

  @Test
  void aNewLimitCountsAtOnce() {
    Pace pace = new Pace(Pace.UNLIMITED, now::get);
    pace.limit(ONE, 8 * MIB);
    pace.sent(ONE, 800 * MIB);
    Thread waiting = waiting(pace, ONE);
    pace.limit(ONE, 80 * MIB);
    now.addAndGet(TimeUnit.SECONDS.toNanos(9));
    assertTrue(waiting.isAlive(), "ten seconds are owed");
    pace.limit(ONE, Pace.UNLIMITED);
    await().until(() -> !waiting.isAlive());
  }

  @Test
  void theHostsLimitIsForAllTogether() {
    Pace pace = new Pace(8 * MIB, now::get);
    pace.sent(ONE, 8 * MIB);
    Thread waiting = waiting(pace, OTHER);
    pace.limit(OTHER, Pace.UNLIMITED);
    assertEquals(Thread.State.TIMED_WAITING, waiting.getState());
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    await().until(() -> !waiting.isAlive());
  }

  @Test
  void whoIsDroppedIsNotHeldUp() {
    Pace pace = new Pace(Pace.UNLIMITED, now::get);
    pace.limit(ONE, 8 * MIB);
    pace.sent(ONE, 800 * MIB);
    Thread waiting = waiting(pace, ONE);
    pace.forget(ONE);
    await().until(() -> !waiting.isAlive());
  }

  private static Thread waiting(Pace pace, MigrationId migration) {
    Thread thread = Thread.ofPlatform().daemon().start(() -> pace.await(migration));
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }
}
