package io.fermata.agent.device.emulated;

import java.util.concurrent.locks.LockSupport;

/** The machine's monotonic clock. Like a call into a driver, a sleep cannot be interrupted. */
public final class RealPace implements Pace {

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void sleepNanos(long nanos) {
    long end = nanoTime() + nanos;
    boolean interrupted = false;
    for (long left = nanos; left > 0; left = end - nanoTime()) {
      LockSupport.parkNanos(left);
      // A pending interrupt makes the park return at once; without this the loop would spin.
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
