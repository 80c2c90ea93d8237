package io.fermata.handover.message;

import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import org.jspecify.annotations.Nullable;

/**
 * What the two agents of a hand-over tell each other, so that a sealed one settles with no
 * orchestrator alive.
 */
public sealed interface PeerMessage {
  /** The claim that is meant. */
  MigrationId migration();

  /** Here is my receipt: act on it and say where you stand. */
  record Settle(MigrationId migration, Receipt receipt) implements PeerMessage {}

  /**
   * Destination to source: I hold a copy of that stop and hear nothing; is it still wanted? Either
   * to the other after a restart: was something decided about that stop while I was away?
   */
  record Inquire(MigrationId migration, Stop stop) implements PeerMessage {}

  /** The answer to either: a receipt if there is one, and how the sender stands. */
  record Word(MigrationId migration, @Nullable Receipt receipt, Standing standing) {}

  /** How the answering agent stands to the matter. */
  enum Standing {
    /** Not decided, or not known here: wait. */
    PENDING,
    /** That stop will never be wanted again. */
    GONE,
    /** What the receipt entitles to is done and on disk. */
    DONE
  }
}
