package io.fermata.handover;

import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.GuestTimes;
import org.jspecify.annotations.Nullable;

/**
 * The guest's virtual CPUs as a claim knows them. They are asked for one thing at a time, and only
 * the answer to the last question counts.
 *
 * <pre>
 *  known --are(run)--> asked --answered--> known
 *                        ^         | not as wanted: asked again after a pause
 *                        +---------+
 *  still --seen running or gone--> escaped, until the claim turns elsewhere
 * </pre>
 */
final class Vcpus {
  private final Fact.Claimed claim;
  private GuestState state = GuestState.UNKNOWN;
  private boolean asked;
  private boolean answered;
  private boolean escaped;
  private int asks;
  private long askedAt;
  private @Nullable Long pausedAt;
  private @Nullable Long ranAt;

  Vcpus(Fact.Claimed claim) {
    this.claim = claim;
  }

  /** What they are known to be. */
  GuestState state() {
    return state;
  }

  /**
   * Asks for them to run or pause unless they are known to; asks again when an answer was no help.
   */
  boolean are(boolean run, Turn turn) {
    boolean there = run ? state.isLet() : state.isStill();
    boolean again = answered && !escaped && turn.now() - askedAt >= turn.timings().retryNanos();
    if (!there && (!asked || again)) {
      asked = true;
      answered = false;
      askedAt = turn.now();
      asks++;
      state = GuestState.UNKNOWN; // it may change from here on
      turn.then(new Effect.Guest(claim.migration(), claim.spec().vm(), claim.side(), run));
    }
    return there;
  }

  /** Only the answer to the last question says what the guest is; answers come in their order. */
  void answered(Event.GuestIs is) {
    asks = Math.max(0, asks - 1);
    answered = isLastAnswer();
    state = answered ? is.state() : GuestState.UNKNOWN;
    if (is.nanos() != null && is.state() == GuestState.RUNNING) {
      ranAt = is.nanos();
    } else if (is.nanos() != null && pausedAt == null) {
      pausedAt = is.nanos();
    }
  }

  private boolean isLastAnswer() {
    return asks == 0;
  }

  /**
   * What ran beside devices that hold still may have written to them: it is not paused again, for
   * that would only hide it. The next direction finds it as it is.
   */
  void seen(GuestState now) {
    if (state.isStill() && answered && !now.isStill()) {
      escaped = true;
      state = now;
    }
  }

  /** HELD where somebody else had paused them, else null. */
  @Nullable GuestState held() {
    return state == GuestState.HELD ? state : null;
  }

  /** They are to stay as somebody else left them, who paused them at the source. */
  boolean left() {
    state = GuestState.HELD;
    return true;
  }

  /** A new direction: whatever was asked before no longer counts. */
  void forget() {
    escaped = false;
    asked = false;
    answered = false;
  }

  /** A new stop: the times are those of this one. */
  void forgetTimes() {
    pausedAt = null;
    ranAt = null;
  }

  /** Whether something was asked and has not been answered. */
  boolean awaited() {
    return asked && !answered;
  }

  /** Whether nothing is left to be let run: a virtual machine that has ended has no vCPUs. */
  boolean letOrGone() {
    return state.isLet() || state == GuestState.GONE;
  }

  /** When this host paused them and let them run, or null where it did neither. */
  @Nullable GuestTimes times() {
    return pausedAt == null && ranAt == null ? null : new GuestTimes(pausedAt, ranAt);
  }
}
