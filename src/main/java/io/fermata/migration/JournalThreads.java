package io.fermata.migration;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that read the journal for the loop. Platform threads, because a driver's native call
 * holds the carrier of a virtual one for as long as the query takes, and two such calls would stop
 * everything virtual on a machine with two processors. Limits and the recovery have a thread each:
 * a query that hangs in one of them holds up neither the other nor what callers ask for.
 */
final class JournalThreads implements AutoCloseable {
  private static final int READERS = 4;

  /** Far above what a loop asks for at once; one more is refused and asked again later. */
  private static final int WAITING = 10_000;

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor reading = pool("journal-read", READERS);
  private final ThreadPoolExecutor limits = pool("limits", 1);
  private final ThreadPoolExecutor recovery = pool("recovery", 1);

  JournalThreads() {
    // each has one question open at most: only a closed one refuses, and then nobody waits
    limits.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    recovery.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  private static ThreadPoolExecutor pool(String name, int threads) {
    var pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** For what callers and migrations wait for. */
  Executor reading() {
    return reading;
  }

  /** For what other orchestrators wrote about limits and grants. */
  Executor limits() {
    return limits;
  }

  /** For the comparison of the journal with the agents. */
  Executor recovery() {
    return recovery;
  }

  /** Interrupts what waits for a connection; a query that runs ends by itself. */
  @Override
  public void close() {
    reading.shutdownNow();
    limits.shutdownNow();
    recovery.shutdownNow();
  }
}
