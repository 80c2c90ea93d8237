package io.fermata.migration.metrics;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Migration;
import io.fermata.migration.Phase;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;

/** The migrations as the loop last made them: it writes, whoever scrapes reads. */
final class OpenMigrations {
  /** Ended migrations that are still listed when there is room. */
  static final int ENDED_KEPT = 200;

  private final ConcurrentMap<MigrationId, Migration> open = new ConcurrentHashMap<>();
  private final Deque<Migration> ended = new ConcurrentLinkedDeque<>();
  private int endedKept;

  void put(Migration now) {
    open.put(now.id(), now);
  }

  void remove(MigrationId id) {
    open.remove(id);
  }

  /** On the loop's thread only, as all that changes something here. */
  void ended(Migration last) {
    open.remove(last.id());
    ended.addFirst(last);
    endedKept++;
    if (endedKept > ENDED_KEPT) {
      ended.removeLast();
      endedKept--;
    }
  }

  /** In no order. */
  Collection<Migration> open() {
    return open.values();
  }

  /** The newest first. */
  List<Migration> ended() {
    return List.copyOf(ended);
  }

  /** Whether the set stands still and its guest may be dark. */
  static boolean dark(Migration m) {
    return m.darkSince() > 0 && m.blackout() == null && !m.ended() && m.phase() != Phase.DONE;
  }
}
