package io.fermata.agent.device.emulated;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a call waits that has been made to hang. Like a call into a driver it takes no interrupt.
 */
final class Standstill {
  private final Pace pace;
  private int waiting;
  private long released;

  Standstill(Pace pace) {
    this.pace = pace;
  }

  /** Waits that long, or until {@link #release}. */
  void await(@Nullable Duration duration) {
    if (duration == null) {
      awaitRelease();
    } else {
      pace.sleepNanos(duration.toNanos());
    }
  }

  private synchronized void awaitRelease() {
    long seen = released;
    boolean interrupted = false;
    waiting++;
    while (seen == released) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    waiting--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets go of whoever waits now; tells whether anybody did. */
  synchronized boolean release() {
    released++;
    notifyAll();
    return waiting > 0;
  }
}
