package io.fermata.migration;

import io.fermata.handover.Side;
import java.util.List;
import java.util.Map;

/**
 * Is told what the loop does with its migrations: on the loop's own thread, in order, in the
 * blackout too. So it keeps what it is given and returns; it must neither wait nor throw, and
 * nothing that the loop decides may rest on it.
 */
public interface Onlooker {
  /** Nobody looks. */
  Onlooker NOBODY = new Onlooker() {};

  /** Both sides of a migration as they are known, copied only when they are asked for. */
  interface Sides {
    Live.SideView on(Side side);
  }

  /** A new migration, which is in the journal. */
  default void began(Migration submitted) {}

  /** These notes made one of the other. They are on their way to the disk. */
  default void became(Migration before, Migration after, List<Note> notes) {}

  /** Everything known of it is on disk. After that of an ended one nothing more is told of it. */
  default void kept(Migration durable, Sides sides) {}

  /**
   * Places were given out.
   *
   * @param fullest what is in use of each limit; of those per host, at the host with the most
   */
  default void gaveOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {}

  /** Another replica took it up a moment earlier: it never was this one's. */
  default void outrun(Migration last) {
    lost(last);
  }

  /** Somebody else wrote it: it is not this orchestrator's any more. */
  default void lost(Migration last) {}
}
