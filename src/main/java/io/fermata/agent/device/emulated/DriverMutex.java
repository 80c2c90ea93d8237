package io.fermata.agent.device.emulated;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A driver's state mutex with its deferred reset: a reset that finds a call under way returns at
 * once and takes effect when that call is over, before the next one (mlx5, hisi_acc, pds and others
 * have this same pair of locks).
 */
final class DriverMutex {
  private final ReentrantLock mutex = new ReentrantLock();
  private final Object guard = new Object();
  private final Runnable reset;
  private boolean deferred;

  DriverMutex(Runnable reset) {
    this.reset = reset;
  }

  void lock() {
    mutex.lock();
  }

  void unlock() {
    while (true) {
      synchronized (guard) {
        if (!deferred) {
          // Inside the guard: a reset that comes now either is seen above or finds it unlocked.
          mutex.unlock();
          return;
        }
        deferred = false;
      }
      reset.run();
    }
  }

  void reset() {
    synchronized (guard) {
      deferred = true;
      if (!mutex.tryLock()) {
        return;
      }
    }
    unlock();
  }
}
