package io.fermata.agent.stream;

import org.jspecify.annotations.Nullable;

/**
 * Since when a source's stream stands still because its connections break, and how long it may go
 * on looking for another one. A connection that brings nothing forward ends no outage, or one that
 * breaks again and again would be mended for ever.
 */
final class Outage {
  private final Means means;
  private boolean begun;
  private long sinceNanos;
  private long takenThen;
  private long backNanos;
  private boolean back;
  private String why = "";

  Outage(Means means) {
    this.means = means;
  }

  /**
   * A connection broke, or none was found; the destination is known to have so many bytes. Answers
   * whether that is a new outage.
   */
  boolean broke(long taken, String reason) {
    boolean lasted = back && means.millisSince(backNanos) >= means.settings().resuming().millis();
    boolean anew = !begun || taken > takenThen || lasted;
    if (anew) {
      begun = true;
      sinceNanos = means.clock().nanos();
      takenThen = taken;
      why = reason;
    }
    back = false;
    return anew;
  }

  /** Another connection goes on. */
  void over() {
    back = true;
    backNanos = means.clock().nanos();
  }

  /** What ended the last connection that had brought something forward. */
  String why() {
    return why;
  }

  /**
   * How long another connection may still be looked for, in milliseconds.
   *
   * @param frozenNanos since when the guest waits for this stream; null while it runs
   */
  long leftMillis(@Nullable Long frozenNanos) {
    StreamSettings.Resuming limits = means.settings().resuming();
    long left = limits.millis() - means.millisSince(sinceNanos);
    if (frozenNanos == null) {
      return left;
    }
    long darkSince = Math.max(sinceNanos, frozenNanos);
    return Math.min(left, limits.frozenMillis() - means.millisSince(darkSince));
  }
}
