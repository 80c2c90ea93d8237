package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;

import java.sql.SQLException;
import java.util.function.LongConsumer;

/**
 * The journal in one SQLite file: write-ahead log, a flush with every commit, one writer thread, a
 * few readers. For one orchestrator on one machine.
 */
public final class SqliteJournal {
  private SqliteJournal() {}

  /**
   * Opens or makes the journal in its directory and starts the writer.
   *
   * @param appendNanos told of each append how long it took from call to commit; on the writer's
   *     thread, must not block
   * @throws JournalFault if the directory is in use, cannot be opened, or would not be durable
   */
  public static SqlJournal open(
      JournalSettings settings, JournalTime time, LongConsumer appendNanos) {
    SqliteStore store = SqliteStore.open(settings.directory());
    return open(store, store::writer, settings, time, appendNanos);
  }

  static SqlJournal open(
      SqliteStore store,
      GroupCommit.Opening opening,
      JournalSettings settings,
      JournalTime time,
      LongConsumer appendNanos) {
    boolean started = false;
    try {
      var writer = new GroupCommit(opening, Sharing.ALONE, settings, time, appendNanos);
      writer.start();
      started = true;
      var readers = new Readers(store::reader, settings.readers());
      return new SqlJournal(writer, readers, store::close);
    } catch (SQLException e) {
      throw new JournalFault(OPEN_FAILED, "opening the writer in " + settings.directory(), e);
    } finally {
      if (!started) {
        store.close();
      }
    }
  }
}
