package io.fermata.migration;

/** The orchestrator's clocks, passed in. */
public interface Moment {
  /** Epoch nanoseconds; may step. For what people read and for the journal. */
  long epochNanos();

  /** Monotonic nanoseconds; for durations and deadlines within one process. */
  long monotonicNanos();

  /** Epoch milliseconds. */
  default long epochMillis() {
    return epochNanos() / 1_000_000;
  }
}
