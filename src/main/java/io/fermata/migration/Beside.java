package io.fermata.migration;

import static io.fermata.journal.JournalFault.Code.QUEUE_FULL;

import io.fermata.journal.JournalFault;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal beside the loop: a guest may be dark, and the loop waits for no database. What
 * was read comes back to the loop. Where no other place is given it is read at once, in place.
 */
final class Beside {
  private final Consumer<Runnable> onLoop;
  private @Nullable Executor elsewhere;

  Beside(Consumer<Runnable> onLoop) {
    this.onLoop = onLoop;
  }

  /** From now on the journal is read there. */
  void readOn(Executor other) {
    elsewhere = other;
  }

  /**
   * Asks the journal.
   *
   * @param then on the loop: what was read, or the fault
   */
  <T> void read(Supplier<T> query, BiConsumer<@Nullable T, @Nullable JournalFault> then) {
    Executor other = elsewhere;
    if (other == null) {
      answer(query, Runnable::run, then);
      return;
    }
    try {
      other.execute(() -> answer(query, onLoop, then));
    } catch (RejectedExecutionException full) {
      var fault = new JournalFault(QUEUE_FULL, "too many questions wait for the journal", full);
      onLoop.accept(() -> then.accept(null, fault));
    }
  }

  private static <T> void answer(
      Supplier<T> query,
      Consumer<Runnable> where,
      BiConsumer<@Nullable T, @Nullable JournalFault> then) {
    T found;
    try {
      found = query.get();
    } catch (JournalFault down) {
      where.accept(() -> then.accept(null, down));
      return;
    }
    where.accept(() -> then.accept(found, null));
  }
}
