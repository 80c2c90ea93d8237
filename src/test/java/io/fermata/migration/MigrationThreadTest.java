package io.fermata.migration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fermata.fleet.HostView;
import io.fermata.journal.MemoryJournal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The loop's thread does its tasks in order, lets time pass, and ends the process when it breaks.
 */
class MigrationThreadTest implements Given.Hosts {
  private static final long PATIENCE_SECONDS = 30;

  private final AtomicLong now = new AtomicLong(1_000);
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final CompletableFuture<Long> ticked = new CompletableFuture<>();
  private final MigrationThread thread = new MigrationThread(now::get, ended::complete);

  /** Hears of each tick. */
  private final class Ticks implements Clearance {
    @Override
    public void tick(long millis) {
      ticked.complete(millis);
    }
  }

  private void start() {
    Moment moment = Given.moment(now::get);
    var journal = new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
    Agents silent = (host, request, timeout, then) -> {};
    var world = new MigrationLoop.World(journal, silent, this, moment, thread, "o1");
    var loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    loop.clearance(new Ticks());
    thread.start(loop);
  }

  @AfterEach
  void stop() {
    thread.close();
  }

  @Test
  void tasksAreDoneAndTimePassesWithoutAny() throws Exception {
    start();
    assertEquals(1_000, ticked.get(PATIENCE_SECONDS, SECONDS));
    CompletableFuture<String> done = new CompletableFuture<>();
    thread.execute(() -> done.complete(Thread.currentThread().getName()));
    assertEquals("migrations", done.get(PATIENCE_SECONDS, SECONDS));
  }

  @Test
  void whatTheLoopThrowsEndsTheProcess() throws Exception {
    start();
    thread.execute(() -> {
      throw new IllegalStateException("a broken invariant");
    });
    assertEquals(4, ended.get(PATIENCE_SECONDS, SECONDS));
  }

  @Test
  void aThreadThatIsClosedDoesNothingMoreAndEndsNoProcess() throws Exception {
    start();
    ticked.get(PATIENCE_SECONDS, SECONDS);
    CompletableFuture<Thread> at = new CompletableFuture<>();
    thread.execute(() -> at.complete(Thread.currentThread()));
    Thread running = at.get(PATIENCE_SECONDS, SECONDS);
    thread.close();
    running.join(Duration.ofSeconds(PATIENCE_SECONDS));
    assertFalse(running.isAlive());
    CompletableFuture<Boolean> late = new CompletableFuture<>();
    thread.execute(() -> late.complete(true));
    assertFalse(late.isDone());
    assertFalse(ended.isDone());
  }

  @Override
  public List<HostView> hosts() {
    return List.of();
  }
}
