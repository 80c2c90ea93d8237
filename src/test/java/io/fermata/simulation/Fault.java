package io.fermata.simulation;

/**
 * Everything that may go wrong, with how often it does at least and at most: a chance per occasion.
 */
public enum Fault {
  LOSS(0.01, 0.3),
  DUPLICATION(0.01, 0.3),
  REPLAY(0.01, 0.2),
  STRAGGLER(0.01, 0.2),
  CUT(0.1, 1),
  CLOG(0.1, 1),
  AGENT_CRASH(0.1, 1),
  CRASH_IN_SYNC(0.02, 0.3),
  CRASH_BEFORE_EFFECT(0.005, 0.05),
  SYNC_FAILS(0.01, 0.1),
  /** Nothing can be written for a while. */
  DISK_FULL(0.1, 1),
  /** Nor can the slate be opened: an agent that starts finds a disk that was mounted read-only. */
  DISK_READ_ONLY(0.1, 1),
  /** A sync takes up to seconds; the agent does nothing else, and nothing of the turn leaves. */
  SYNC_SLOW(0.01, 0.2),
  /** The agent dies soon after a fact of the hand-over is on its disk. */
  AMBUSH_CRASH(0.1, 1),
  /** The host stands still soon after such a fact. */
  AMBUSH_PAUSE(0.1, 1),
  /** The host loses sight of somebody soon after such a fact. */
  AMBUSH_CUT(0.1, 1),
  /** Every orchestrator dies, or stands still, soon after such a fact. */
  AMBUSH_ORCHESTRATORS(0.1, 1),
  /** At its start an agent cannot read its slate, and keeps quiet until it is started anew. */
  SLATE_UNREADABLE(0.02, 0.3),
  HOP_REFUSED(0.01, 0.3),
  /** A device that refused a hop goes on refusing it. */
  HOP_KEEPS_FAILING(0.1, 1),
  HOP_FAULTED(0.002, 0.05),
  HOP_HANGS(0.01, 0.1),
  /** The call says the opposite of what the device did: an error, and it moved, or none. */
  HOP_MISTOLD(0.02, 0.3),
  LOOK_FAILS(0.01, 0.2),
  RESET_FAILS(0.05, 0.3),
  /** Somebody else resets a loaded copy, just before or just after the right to run it is given. */
  COPY_RESET(0.02, 0.3),
  /** Somebody else resets a device that is getting ready to be loaded, or has its image. */
  EMPTY_RESET(0.02, 0.3),
  LOAD_REFUSED(0.05, 0.3),
  STREAM_BREAKS(0.02, 0.3),
  STREAM_LIES(0.02, 0.2),
  /** An image is on its way for seconds, and its source may have turned back meanwhile. */
  STREAM_LATE(0.02, 0.3),
  /** Nothing comes any more, and for long nobody is told: a connection that is half open. */
  STREAM_STALLS(0.02, 0.3),
  WORD_OF_END_LOST(0.02, 0.3),
  GUEST_STUMBLES(0.02, 0.3),
  /** A guest takes seconds to pause or to run; what it is asked next waits behind that. */
  GUEST_SLOW(0.02, 0.3),
  HOST_PAUSE(0.1, 1),
  CLOCK_RATE(1, 1),
  CLOCK_OFFSET(1, 1),
  CLOCK_STEP(0.1, 1),
  /** The monotonic clock stands still while its machine is suspended, as CLOCK_MONOTONIC does. */
  CLOCK_STANDS(0.2, 1),
  /** A host shows a wrong certificate: whoever connects, and whomever it connects to, refuses. */
  WRONG_CERTIFICATE(0.1, 1),
  /** An agent is stopped in order, and one of the next build takes its place. */
  AGENT_UPGRADED(0.05, 0.5),
  /** The same with an orchestrator. */
  ORCHESTRATOR_UPGRADED(0.02, 0.3),
  /** An agent's next build knows no version in common with the others, until it is taken back. */
  WRONG_VERSION(0.02, 0.3),
  ORCHESTRATOR_CRASH(0.1, 1),
  /** An orchestrator dies between deciding and sending. */
  CRASH_BEFORE_SEND(0.002, 0.03),
  ORCHESTRATOR_PAUSE(0.1, 1),
  TAKE_OVER(0.1, 1),
  JOURNAL_FAILS(0.1, 1),
  /** Nothing can be added to the journal for a while; what is there can be read. */
  JOURNAL_FULL(0.05, 0.5),
  /** The clock by which replicas' leases count steps. */
  JOURNAL_CLOCK_STEP(0.1, 1),
  JOURNAL_SLOW(0.01, 0.3),
  /** An older copy of the journal takes its place; who lives on may not notice. */
  JOURNAL_RESTORED(0.01, 0.1),
  ABORT(0.1, 1),
  SWITCHOVER(0.1, 1),
  /** A set is ordered elsewhere while it is still on its way, with or without an abort. */
  RETARGET(0.1, 1),
  /** What failed is ordered again. */
  RETRY(0.1, 1),
  /** The same request comes twice. */
  ASKED_TWICE(0.1, 1),
  IMPATIENCE(0.1, 1),
  WRONG_ORDER(0.1, 1),
  /** One host of the world is gone for ever, with all that was on it. */
  HOST_LOST(0.02, 0.5),
  /** A seal arrives only when its guest has run again and was stopped anew; {@link LateSeals}. */
  LATE_SEAL(0.02, 0.5),
  /**
   * A guest pauses only when its source has turned back and was stopped anew; {@link LatePauses}.
   */
  LATE_PAUSE(0.02, 0.5),
  /** An abort crosses the seal, and the start comes after the void; {@link LateStarts}. */
  LATE_START(0.02, 0.5);

  private final double least;
  private final double most;

  Fault(double least, double most) {
    this.least = least;
    this.most = most;
  }

  /** A chance between the two, small ones as likely as large ones. */
  double chance(double draw) {
    return least * Math.pow(most / least, draw);
  }
}
