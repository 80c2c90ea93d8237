package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;

import java.sql.SQLException;
import java.util.function.LongConsumer;

/**
 * The journal in a PostgreSQL database that several orchestrators share. Each has one writer; their
 * transactions take turns, so that seqs have no gaps and nobody who reads in seq order misses an
 * entry that is committed late.
 */
public final class PostgresJournal {
  private PostgresJournal() {}

  /**
   * Opens the journal, makes its tables if they are missing, and starts the writer.
   *
   * @param appendNanos told of each append how long it took from call to commit; on the writer's
   *     thread, must not block
   * @throws JournalFault if there is no such database, or it would not be durable
   */
  public static SqlJournal open(
      PostgresSettings place,
      JournalSettings settings,
      JournalTime time,
      LongConsumer appendNanos) {
    PostgresStore store = PostgresStore.open(place);
    return open(store, store::writer, place, settings, time, appendNanos);
  }

  static SqlJournal open(
      PostgresStore store,
      GroupCommit.Opening opening,
      PostgresSettings place,
      JournalSettings settings,
      JournalTime time,
      LongConsumer appendNanos) {
    try {
      var writer = new GroupCommit(opening, Sharing.SHARED, settings, time, appendNanos);
      writer.start();
      var readers = new Readers(store::reader, settings.readers());
      return new SqlJournal(writer, readers, () -> {});
    } catch (SQLException e) {
      throw new JournalFault(OPEN_FAILED, "opening the writer to " + place.url(), e);
    }
  }
}
