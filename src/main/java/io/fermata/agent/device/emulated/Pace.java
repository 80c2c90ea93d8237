package io.fermata.agent.device.emulated;

/** The time that emulated devices live in: real, or a test's own. */
public interface Pace {

  /** A clock that only goes forward, in nanoseconds; its zero means nothing. */
  long nanoTime();

  /** Returns when that many nanoseconds of this time have gone by; at once for 0 and less. */
  void sleepNanos(long nanos);
}
