package io.fermata.migration;

/** How a migration ended; recorded only when the running side is proven. */
public enum Outcome {
  /** Runs on the destination; the source is released. */
  SUCCEEDED,
  /** Was in the barrier; runs on the source again. */
  ROLLED_BACK,
  /** Ended before the barrier because somebody asked for it. */
  CANCELLED,
  /** Ended before the barrier; the source never stopped. */
  FAILED,
  /** An operator decided. */
  RESOLVED
}
