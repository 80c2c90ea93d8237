package io.fermata.migration;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A migration as the journal knows it: the sum of its records. What agents report at the moment is
 * not in here.
 *
 * @param token the data plane's one-time secret; never shown
 * @param attempt 1, or one more than the migration that it repeats
 * @param phaseSince epoch milliseconds
 * @param abort who wants it to end, or null
 * @param switchover whether somebody asked for the barrier now
 * @param darkSince when the first quiesce was asked, epoch milliseconds, or 0
 * @param blackout how long the set was dark, once it is over
 * @param resolution what an operator decided and no agent contradicted, or null
 */
public record Migration(
    MigrationId id,
    Order order,
    String token,
    int attempt,
    @Nullable String retryOf,
    String trigger,
    String actor,
    Phase phase,
    @Nullable Outcome outcome,
    @Nullable Failure failure,
    Epoch epoch,
    long version,
    long created,
    long phaseSince,
    @Nullable Wish abort,
    boolean switchover,
    @Nullable Stop stop,
    Evidence evidence,
    List<Gate> gates,
    long darkSince,
    @Nullable Blackout blackout,
    @Nullable Resolution resolution) {
  public Migration {
    gates = List.copyOf(gates);
  }

  /** Somebody's wish. */
  public record Wish(String actor, String reason, long at) {}

  /**
   * What the guest felt, in nanoseconds; the parts add up.
   *
   * @param quiesceNanos from the first request to gate 1
   * @param stopNanos gate 1 to gate 2
   * @param copyNanos gate 2 to gate 3, or to the turn back
   * @param commitNanos gate 3 to the seal's receipt
   * @param resumeNanos from there, or from the turn back, until the set ran
   */
  public record Blackout(
      long quiesceNanos, long stopNanos, long copyNanos, long commitNanos, long resumeNanos) {
    /** The whole. */
    public long totalNanos() {
      return quiesceNanos + stopNanos + copyNanos + commitNanos + resumeNanos;
    }
  }

  /** The migration after these notes, which are kept together: one version later. */
  public Migration with(List<Note> notes, long at) {
    Draft draft = new Draft(this);
    draft.version++;
    notes.forEach(note -> draft.take(note, at));
    return draft.done();
  }

  /** Whether it is over. */
  public boolean ended() {
    return outcome != null;
  }

  private static final class Draft {
    private final Migration from;
    private Order order;
    private Phase phase;
    private @Nullable Outcome outcome;
    private @Nullable Failure failure;
    private Epoch epoch;
    private long version;
    private long phaseSince;
    private @Nullable Wish abort;
    private boolean switchover;
    private @Nullable Stop stop;
    private Evidence evidence;
    private final List<Gate> gates;
    private long darkSince;
    private @Nullable Blackout blackout;
    private @Nullable Resolution resolution;

    Draft(Migration from) {
      this.from = from;
      order = from.order;
      phase = from.phase;
      outcome = from.outcome;
      failure = from.failure;
      epoch = from.epoch;
      version = from.version;
      phaseSince = from.phaseSince;
      abort = from.abort;
      switchover = from.switchover;
      stop = from.stop;
      evidence = from.evidence;
      gates = new ArrayList<>(from.gates);
      darkSince = from.darkSince;
      blackout = from.blackout;
      resolution = from.resolution;
    }

    void take(Note note, long at) {
      switch (note) {
        case Note.Moved r -> {
          phase = r.to();
          phaseSince = at;
          outcome = r.outcome();
          // What stood in the way was overtaken; the history keeps it.
          failure = outcome == Outcome.SUCCEEDED ? null : failure;
        }
        case Note.Failed r -> failure = r.failure();
        case Note.TakenOver r -> epoch = r.epoch();
        case Note.Imported r -> {
          epoch = r.epoch();
          phase = r.to();
          phaseSince = at; // what is late by the journal's clock was never asked by this one
          darkSince = r.dark() && darkSince == 0 ? at : darkSince;
          stop = r.stop() == null ? stop : r.stop();
          failure = r.failure() == null ? failure : r.failure();
        }
        case Note.AbortWished r -> abort = r.wish();
        case Note.SwitchoverWished r -> switchover = true;
        case Note.BudgetSet r -> order = order.withBudget(r.millis());
        case Note.PrioritySet r -> order = order.withPriority(r.priority());
        case Note.BandwidthSet r -> {} // the source agent keeps it; Run carries it there
        case Note.WentDark r -> darkSince = at;
        case Note.StopLearned r -> stop = r.stop();
        case Note.Witnessed r -> evidence = evidence.with(r.receipt());
        case Note.GateOpened r -> gates.add(r.gate());
        case Note.CameBack r -> blackout = r.blackout();
        case Note.OperatorDecided r -> resolution = r.resolution();
        case Note.Overturned r -> resolution = null;
      }
    }

    Migration done() {
      return new Migration(
          from.id,
          order,
          from.token,
          from.attempt,
          from.retryOf,
          from.trigger,
          from.actor,
          phase,
          outcome,
          failure,
          epoch,
          version,
          from.created,
          phaseSince,
          abort,
          switchover,
          stop,
          evidence,
          gates,
          darkSince,
          blackout,
          resolution);
    }
  }
}
