package io.fermata.agent.device.emulated;

import java.util.concurrent.atomic.AtomicLong;

/** Time that goes forward only when somebody sleeps. */
final class VirtualPace implements Pace {
  private final AtomicLong now = new AtomicLong();

  @Override
  public long nanoTime() {
    return now.get();
  }

  @Override
  public void sleepNanos(long nanos) {
    now.addAndGet(Math.max(0, nanos));
  }
}
