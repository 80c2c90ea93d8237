package io.fermata.migration;

import java.util.Optional;

/** Which phase may follow which: the loop's question to {@link Lifecycle}. */
public interface Transitions {
  /**
   * The phase that follows on this trigger, or empty when there is no such way or its guard
   * refuses.
   */
  Optional<Phase> next(Migration migration, Trigger trigger);
}
