package io.fermata.migration;

import java.util.Optional;

/**
 * Whether the loop may drive and start: it waits until the journal was compared with the agents.
 */
interface Clearance {
  /** Nobody has to be waited for. */
  Clearance GIVEN = new Clearance() {};

  /** Whether anything may be driven; on any thread. */
  default boolean begun() {
    return true;
  }

  /** Why this one must not start yet; empty when it may. */
  default Optional<String> keepsBack(Run waiting) {
    return Optional.empty();
  }

  /** Lets time pass. */
  default void tick(long nowMillis) {}

  /** When it has something to do by itself, epoch milliseconds. */
  default long nextMillis() {
    return Long.MAX_VALUE;
  }
}
