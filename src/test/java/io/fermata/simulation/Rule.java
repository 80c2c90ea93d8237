package io.fermata.simulation;

import org.jspecify.annotations.Nullable;

/**
 * Every rule that can be dropped: at a port of the core by the simulator's own hand, or inside the
 * core by {@link Weaver}, which makes one small method answer what it would answer without the
 * rule.
 */
public enum Rule {
  /** A restart finds every seal. */
  SEAL_FORGOTTEN,
  /** A restart finds that the destination started. */
  START_FORGOTTEN,
  /** A restart finds what was given up. */
  VOID_FORGOTTEN,
  /** A restart finds the stop numbers, and they go on. */
  STOP_FORGOTTEN,
  /** A restart finds the highest term that was promised. */
  PROMISE_FORGOTTEN,
  /** Facts are on disk when the slate says so. */
  SYNC_LIES,
  /** The destination is started once the seal is there, not while it is asked for. */
  START_WITHOUT_SEAL,
  /** A start that brings no answer is not taken for a void. */
  UNSEAL_WITHOUT_VOID,
  /** The source is not released before the destination has started. */
  RELEASE_WITHOUT_START,
  /** A quiesce hop does not walk on to STOP, as the kernel does if asked. */
  LONG_HOPS,
  /** The state is read after SET, whatever SET said. */
  SET_BELIEVED,
  /** An image whose digest differs is refused. */
  DIGEST_UNCHECKED,
  /** The digest that a destination reports is one that it also compared with the sender's. */
  DIGEST_ONLY_COUNTED,
  /** A guest is called paused once it is. */
  PAUSE_BELIEVED,
  /** The journal checks versions. */
  ROWS_UNCHECKED,
  /** The two agents talk to each other. */
  PEERS_SILENT,

  SOURCE_NAMES_STOP("handover.RunRight", "isUnder", Gives.TRUE),
  SOURCE_COPIED("handover.Source", "isCopied", Gives.TRUE),
  SOURCE_GATE_ONE("handover.ClaimedSet", "isSilent", Gives.TRUE),
  SOURCE_GUEST_PAUSED("handover.Vcpus", "isPaused", Gives.TRUE),
  SOURCE_SEALED_HOLDS_STILL("handover.RunRight", "mayMove", Gives.TRUE),
  SOURCE_SEALED_HAS_NO_LEASE("handover.RunRight", "mayLapse", Gives.TRUE),
  SOURCE_SEALED_STAYS("handover.RunRight", "mayReturn", Gives.TRUE),
  SOURCE_CLOSES_AT_REST("handover.Source", "runsHere", Gives.TRUE),
  SOURCE_LEASE_ENDS("handover.Source", "lapse", Gives.NOTHING),
  SEAL_REPEATS_ITSELF("handover.Receipt$Sealed", "isFor", Gives.TRUE),
  SEAL_LIFTED_BY_ITS_VOID("handover.Receipt$Sealed", "isLiftedBy", Gives.TRUE),
  SEAL_TAKEN_BY_ITS_START("handover.Receipt$Sealed", "isTakenBy", Gives.TRUE),
  IMAGES_COMPARED("handover.ImageDigest", "same", Gives.TRUE),
  STOPS_GO_ON("handover.StopNumbers", "seen", Gives.NOTHING),

  DESTINATION_WHOLE("handover.Inflow", "isWhole", Gives.TRUE),
  DESTINATION_LOADED("handover.Destination", "isLoaded", Gives.TRUE),
  DESTINATION_LOST_STAYS_LOST("handover.Destination", "isLost", Gives.FALSE),
  DESTINATION_VOID_IS_FINAL("handover.StartRight", "gaveUp", Gives.FALSE),
  DESTINATION_COPY_OF_STOP("handover.Destination", "isOf", Gives.TRUE),
  DESTINATION_REVERTS_UNMOVED("handover.Destination", "mayRevert", Gives.TRUE),
  DESTINATION_MOVED_BEFORE_RECEIPT("handover.ClaimedSet", "hasMoved", Gives.TRUE),
  DESTINATION_SEES_RESETS("handover.ClaimedSet$Device", "isWiped", Gives.FALSE),
  DESTINATION_FORGETS_AT_RESTART("handover.Destination", "woken", Gives.NOTHING),

  LAPSE_BEFORE_RENEWAL("handover.Claim", "lapseFirst", Gives.NOTHING),
  TERMS_FENCED("handover.Claim", "fence", Gives.EMPTY),
  RIVALS_FENCED("handover.Epoch", "isOwnedLike", Gives.TRUE),
  LAST_ANSWER_COUNTS("handover.Vcpus", "isLastAnswer", Gives.TRUE),
  SET_IS_WHOLE("handover.Claims", "partial", Gives.EMPTY),
  HELD_ONCE("handover.Claims", "held", Gives.EMPTY),
  OWNER_ASKED("handover.Claims", "owned", Gives.EMPTY),
  CLOSED_HAS_NO_SAY("handover.Claims", "isOver", Gives.FALSE),
  VOID_OF_HELD_ONLY("handover.Claims", "stillHolds", Gives.TRUE),

  BARRIER_IN("device.HopPlan", "freezesBeside", Gives.FALSE),
  BARRIER_OUT("device.HopPlan", "unleashesBeside", Gives.FALSE),

  JOURNAL_FIRST("migration.Run", "waitsForJournal", Gives.FALSE),
  HOME_PROVEN("migration.GoingBack", "isHome", Gives.TRUE),
  END_PROVEN("migration.GoingOn", "bothLetGo", Gives.TRUE),
  RELEASED_IS_NOT_BACK("migration.Sighting", "released", Gives.FALSE),
  START_ENDS_THE_WAY_BACK("migration.GoingBack", "started", Gives.EMPTY),
  DARK_NEEDS_A_WORD("migration.GoingBack", "wasNeverDark", Gives.TRUE),
  AGENTS_ASKED_FIRST("migration.Sighting", "deniesClaim", Gives.TRUE),
  NEWEST_REPORT_COUNTS("migration.SideRun", "isOlder", Gives.FALSE),
  SET_CHECKED_WHOLE("migration.Checks", "whole", Gives.NOTHING),
  LOST_ROW_STOPS("migration.Run", "lost", Gives.FALSE);

  @SuppressWarnings("ImmutableEnumChecker") // a record of two strings and an enum
  private final @Nullable Cut cut;

  Rule() {
    this.cut = null;
  }

  Rule(String type, String method, Gives gives) {
    this.cut = new Cut("io.fermata." + type, method, gives);
  }

  /** Where the rule stands in the core, or null when the simulator drops it at a port. */
  @Nullable Cut cut() {
    return cut;
  }

  /**
   * A method of the core that is the rule.
   *
   * @param gives what it answers once the rule is dropped
   */
  record Cut(String type, String method, Gives gives) {}

  /** An answer. */
  enum Gives {
    TRUE,
    FALSE,
    NOTHING,
    EMPTY
  }
}
