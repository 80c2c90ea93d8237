package io.fermata.migration;

import io.fermata.journal.Journal;
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
  private final Beside reading;
  private final Consumer<Migration> adopt;
  private final List<Migration> open = new ArrayList<>();
  private long retryAt = Long.MAX_VALUE;

  /** What the journal says of a birth. */
  enum Birth {
    BORN,
    NEVER,
    UNREADABLE
  }

  Doubts(Journal journal, Beside reading, Consumer<Migration> adopt) {
    this.journal = journal;
    this.reading = reading;
    this.adopt = adopt;
  }

  /**
   * Looks now, and later again if the journal cannot be read; one that is there is adopted.
   *
   * @param then on the loop
   */
  void settle(Migration unsure, long now, Consumer<Birth> then) {
    reading.read(
        () -> journal.row(unsure.id().value()),
        (row, down) -> {
          Birth found = row == null || down != null ? Birth.UNREADABLE : look(unsure, row);
          if (found == Birth.UNREADABLE) {
            open.add(unsure);
            retryAt = Math.min(retryAt, now + RETRY_MILLIS);
          }
          then.accept(found);
        });
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
      again.forEach(unsure -> settle(unsure, now, birth -> {}));
    }
  }

  private Birth look(Migration unsure, Optional<Row> row) {
    boolean mine = row.isPresent() && row.get().owner().equals(unsure.epoch().owner());
    if (mine) {
      adopt.accept(unsure);
    }
    return mine ? Birth.BORN : Birth.NEVER;
  }
}
