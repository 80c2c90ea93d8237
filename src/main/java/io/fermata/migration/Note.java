package io.fermata.migration;

import io.fermata.handover.Epoch;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import org.jspecify.annotations.Nullable;

/** One thing that the journal keeps of a migration. {@link Migration#with} is their sum. */
public sealed interface Note {
  /** It went from one phase to the next; with the outcome when that ends it. */
  record Moved(Phase from, Phase to, Trigger on, @Nullable Outcome outcome) implements Note {}

  /** Why it does not go through. */
  record Failed(Failure failure) implements Note {}

  /** Another orchestrator, or the same one after a restart, drives it from here on. */
  record TakenOver(Epoch epoch) implements Note {}

  /**
   * The agents knew more of it than a journal that was restored; what they know is taken over, and
   * the epoch is above all that they have promised.
   *
   * @param dark whether the guest may have been stopped
   * @param failure why it goes back, or null where it goes on as it was
   */
  record Imported(
      Epoch epoch, Phase to, boolean dark, @Nullable Stop stop, @Nullable Failure failure)
      implements Note {}

  /** Somebody wants it to end. */
  record AbortWished(Migration.Wish wish) implements Note {}

  /** Somebody wants the barrier now. */
  record SwitchoverWished(String actor) implements Note {}

  /** The blackout budget was changed. */
  record BudgetSet(String actor, long millis) implements Note {}

  /** Its priority was changed while it waited. */
  record PrioritySet(String actor, Priority priority) implements Note {}

  /** How fast its source may send was changed; 0 for as fast as it goes. */
  record BandwidthSet(String actor, long bytesPerSecond) implements Note {}

  /** The first quiesce is about to be asked; from here on the guest may be dark. */
  record WentDark() implements Note {}

  /** The source agent's number of this stop. */
  record StopLearned(Stop stop) implements Note {}

  /** An agent's receipt. */
  record Witnessed(Receipt receipt) implements Note {}

  /** A gate opened. */
  record GateOpened(Gate gate) implements Note {}

  /** The set runs again, there or here. */
  record CameBack(Migration.Blackout blackout) implements Note {}

  /** Somebody decided, on his word for a host that cannot speak. */
  record OperatorDecided(Resolution resolution) implements Note {}

  /** An agent's facts are against what was decided; they win. */
  record Overturned(String host, String detail) implements Note {}
}
