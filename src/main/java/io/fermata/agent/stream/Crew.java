package io.fermata.agent.stream;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The streams' threads. A stream has one to itself while it lasts, and never waits for one; whoever
 * ends leaves it to the next, for a thread that is made in the blackout costs more than a small
 * image does. There are as many as streams at once: the devices and {@link Door}'s strangers bound
 * them.
 */
final class Crew {
  private static final String IDLE = "stream-idle";
  private static final long KEPT_SECONDS = 60;

  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          KEPT_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> Thread.ofPlatform().daemon().name(IDLE).unstarted(work));

  /**
   * Runs it at once, beside the caller.
   *
   * @param name of the thread for so long; the work may change it
   */
  void start(String name, Runnable work) {
    threads.execute(() -> {
      Thread.currentThread().setName(name);
      try {
        work.run();
      } finally {
        Thread.currentThread().setName(IDLE);
      }
    });
  }
}
