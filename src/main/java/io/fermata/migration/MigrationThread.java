package io.fermata.migration;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform thread behind {@link MigrationLoop}. What the loop throws is a broken invariant: the
 * thread says so and ends the process, because what it holds in memory cannot be trusted any more.
 */
final class MigrationThread implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MigrationThread.class);
  private static final int EXIT_BROKEN = 4;
  private static final long IDLE_MILLIS = 1_000;

  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final LongSupplier epochMillis;
  private final IntConsumer exit;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  MigrationThread(LongSupplier epochMillis, IntConsumer exit) {
    this.epochMillis = epochMillis;
    this.exit = exit;
  }

  void start(MigrationLoop of) {
    thread = Thread.ofPlatform().name("migrations").start(() -> run(of));
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  private void run(MigrationLoop loop) {
    try {
      while (!closed) {
        turn(loop);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error broken) {
      LOG.error("the migration loop is broken; this process ends", broken);
      exit.accept(EXIT_BROKEN);
    }
  }

  private void turn(MigrationLoop loop) throws InterruptedException {
    long pause = Math.clamp(loop.nextWakeMillis() - epochMillis.getAsLong(), 0, IDLE_MILLIS);
    Runnable task = tasks.poll(pause, TimeUnit.MILLISECONDS);
    while (task != null) {
      task.run();
      task = tasks.poll();
    }
    loop.tick();
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
