package io.fermata.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tries one seed after the other on two threads: a world has one thread, and two worlds share
 * nothing.
 */
final class Seeds {
  private static final int THREADS = 2;

  private final long first;
  private final long most;
  private final long seconds;

  /**
   * @param most how many seeds to try
   * @param seconds after how much time no new one is begun
   */
  Seeds(long first, long most, long seconds) {
    this.first = first;
    this.most = most;
    this.seconds = seconds;
  }

  /** Ends with the first violation, if there is one. */
  Totals run() throws InterruptedException {
    Totals totals = new Totals();
    AtomicLong next = new AtomicLong(first);
    long end = System.nanoTime() + seconds * World.SECOND;
    List<Future<?>> workers = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < THREADS; i++) {
        workers.add(pool.submit(() -> work(next, end, totals)));
      }
    }
    for (Future<?> worker : workers) {
      await(worker);
    }
    return totals;
  }

  private void work(AtomicLong next, long end, Totals totals) {
    try {
      while (System.nanoTime() < end) {
        long seed = next.getAndIncrement();
        if (seed >= first + most) {
          return;
        }
        totals.add(Simulation.run(seed));
      }
    } finally {
      if (System.nanoTime() < end && next.get() < first + most) {
        next.set(first + most); // something broke: the other thread need not go on
      }
    }
  }

  private static void await(Future<?> worker) throws InterruptedException {
    try {
      worker.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError broken) {
        throw broken;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
