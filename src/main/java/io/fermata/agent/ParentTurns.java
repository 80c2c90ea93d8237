package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many hops one physical function is asked for at once. The functions cut from it share its
 * command queue, and some do worse when all of them ask together. A call that never returns keeps
 * its place for ever; whoever waits for one gives up after a hop's deadline and has moved nothing.
 */
final class ParentTurns {
  private final int atOnce;
  private final Duration patience;
  private final Map<String, Semaphore> places = new ConcurrentHashMap<>();

  /**
   * @param atOnce hops of one parent at a time; 0 for as many as there are
   * @param patience how long a hop waits for its place
   */
  ParentTurns(int atOnce, Duration patience) {
    this.atOnce = atOnce;
    this.patience = patience;
  }

  /** As many as there are. */
  static ParentTurns unbounded() {
    return new ParentTurns(0, Duration.ZERO);
  }

  /** Makes the call when there is a place for it; false when none came free in time. */
  boolean take(DeviceControl device, Runnable call) {
    String parent = device.profile().parent();
    if (atOnce == 0 || parent == null) {
      call.run();
      return true;
    }
    Semaphore place = places.computeIfAbsent(parent, name -> new Semaphore(atOnce, true));
    if (!isFree(place)) {
      return false;
    }
    try {
      call.run();
      return true;
    } finally {
      place.release();
    }
  }

  private boolean isFree(Semaphore place) {
    try {
      return place.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
      return false;
    }
  }
}
