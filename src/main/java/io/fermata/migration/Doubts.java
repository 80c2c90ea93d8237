package io.fermata.migration;

import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Migrations whose first write failed. The disk may hold them all the same, and nobody would look
 * after them before the next restart: so the journal is read until it says whether they exist.
 */
final class Doubts {
  private static final long RETRY_MILLIS = 200;

  private final Journal journal;
  private final Consumer<Migration> adopt;
  private final List<Migration> open = new ArrayList<>();
  private long retryAt = Long.MAX_VALUE;

  /** What the journal says of a birth. */
  enum Birth {
    BORN,
    NEVER,
    UNREADABLE
  }

  Doubts(Journal journal, Consumer<Migration> adopt) {
    this.journal = journal;
    this.adopt = adopt;
  }

  /** Looks now, and later again if the journal cannot be read; one that is there is adopted. */
  Birth settle(Migration unsure, long now) {
    Birth found = look(unsure);
    if (found == Birth.UNREADABLE) {
      open.add(unsure);
      retryAt = Math.min(retryAt, now + RETRY_MILLIS);
    }
    return found;
  }

  long nextRetryMillis() {
    return retryAt;
  }

  /** Looks again, if it is time. */
  void retryDue(long now) {
    if (now >= retryAt) {
      retryAt = Long.MAX_VALUE;
      List<Migration> again = List.copyOf(open);
      open.clear();
      again.forEach(unsure -> settle(unsure, now));
    }
  }

  private Birth look(Migration unsure) {
    Optional<Row> row;
    try {
      row = journal.row(unsure.id().value());
    } catch (JournalFault down) {
      return Birth.UNREADABLE;
    }
    boolean mine = row.isPresent() && row.get().owner().equals(unsure.epoch().owner());
    if (mine) {
      adopt.accept(unsure);
    }
    return mine ? Birth.BORN : Birth.NEVER;
  }
}
