package io.fermata.migration;

import org.jspecify.annotations.Nullable;

/**
 * Whether migrations may start. A pause lets everything that is under way go on, and takes new
 * requests into the queue.
 *
 * @param reason why it is paused, or was opened; null where nobody ever said anything
 * @param sinceMillis since when, epoch milliseconds; 0 where nobody ever said anything
 * @param expiresMillis when a pause ends by itself, epoch milliseconds, or null for never
 */
public record Intake(
    State state,
    @Nullable String reason,
    @Nullable String actor,
    long sinceMillis,
    @Nullable Long expiresMillis) {
  /** Nobody ever paused it. */
  public static final Intake OPEN = new Intake(State.OPEN, null, null, 0, null);

  /** What an operator may ask for. */
  public enum State {
    OPEN,
    PAUSED
  }

  /** Whether nothing may start at that time. */
  public boolean pausedAt(long nowMillis) {
    return state == State.PAUSED && (expiresMillis == null || nowMillis < expiresMillis);
  }
}
