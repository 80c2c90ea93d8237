package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.DAMAGED;
import static io.fermata.journal.JournalFault.Code.IN_USE;
import static io.fermata.journal.JournalFault.Code.NOT_DURABLE;
import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The directory with the database file: locked against a second process, brought to the newest
 * schema, and opened only in the mode in which a commit is on disk when it returns.
 */
final class SqliteStore implements AutoCloseable {
  static final String DATABASE = "fermata.db";
  static final String LOCK = "fermata.lock";

  /** Only the writer writes, so nobody waits for long; this covers a checkpoint's short locks. */
  private static final int BUSY_MILLIS = 2_000;

  /** The value that {@code PRAGMA synchronous} answers for FULL. */
  private static final String FULL = "2";

  private final FileChannel lockFile;
  private final SQLiteDataSource writing;
  private final SQLiteDataSource reading;

  private SqliteStore(FileChannel lockFile, Path database) {
    this.lockFile = lockFile;
    this.writing = source(database, false);
    this.reading = source(database, true);
  }

  /**
   * Locks the directory, checks that the database is whole and that commits will be durable, and
   * migrates the schema.
   */
  static SqliteStore open(Path directory) {
    FileChannel lockFile = lock(directory);
    SqliteStore store = new SqliteStore(lockFile, directory.resolve(DATABASE));
    boolean opened = false;
    try (Connection first = store.writer()) {
      requireWhole(first);
      Flyway.configure()
          .dataSource(store.writing)
          .locations("classpath:db/migration")
          .load()
          .migrate();
      opened = true;
      return store;
    } catch (SQLException | FlywayException e) {
      throw new JournalFault(OPEN_FAILED, "opening the database in " + directory, e);
    } finally {
      if (!opened) {
        store.close();
      }
    }
  }

  /** A connection for the one writer, checked. */
  Connection writer() throws SQLException {
    Connection connection = writing.getConnection();
    boolean checked = false;
    try {
      requireDurable(connection);
      checked = true;
      return connection;
    } finally {
      if (!checked) {
        connection.close();
      }
    }
  }

  /** A connection that cannot write. */
  Connection reader() throws SQLException {
    return reading.getConnection();
  }

  /**
   * Asks the database what it really does; a mode that was asked for may silently not be given, on
   * a network file system for one.
   *
   * @throws JournalFault if a commit could be lost by a power cut
   */
  static void requireDurable(Connection connection) throws SQLException {
    String mode = pragma(connection, "journal_mode");
    if (!"wal".equalsIgnoreCase(mode)) {
      throw new JournalFault(NOT_DURABLE, "journal_mode is " + mode + " where WAL is needed");
    }
    String synchronous = pragma(connection, "synchronous");
    if (!FULL.equals(synchronous)) {
      throw new JournalFault(
          NOT_DURABLE, "synchronous is " + synchronous + " where 2 (FULL) is needed");
    }
  }

  /**
   * Reads every page and holds every index against its table: a damaged page may else simply hide
   * rows, and an open migration that is not found is never looked after again. Takes about three
   * seconds for a million entries.
   *
   * @throws JournalFault if anything does not fit
   */
  private static void requireWhole(Connection connection) throws SQLException {
    String found = pragma(connection, "integrity_check(1)");
    if (!"ok".equals(found)) {
      throw new JournalFault(
          DAMAGED,
          "the database contradicts itself: "
              + found
              + "; put a backup of fermata.db in its place, agents know what they did since");
    }
  }

  private static @Nullable String pragma(Connection connection, String name) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("PRAGMA " + name)) {
      return answer.next() ? answer.getString(1) : null;
    }
  }

  private static SQLiteDataSource source(Path database, boolean readOnly) {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    config.setReadOnly(readOnly);
    if (!readOnly) {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + database);
    return source;
  }

  /** The lock lives as long as the channel; the system drops it when the process dies. */
  private static FileChannel lock(Path directory) {
    FileChannel channel = null;
    FileLock lock = null;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      throw inUse(directory);
    } catch (IOException e) {
      throw new JournalFault(OPEN_FAILED, "locking " + directory, e);
    } finally {
      if (lock == null) {
        closeQuietly(channel);
      }
    }
    if (lock == null) {
      throw inUse(directory);
    }
    return channel;
  }

  private static JournalFault inUse(Path directory) {
    return new JournalFault(
        IN_USE,
        "another process holds the journal in "
            + directory
            + " (fermata.journal.directory): one directory serves one orchestrator");
  }

  @Override
  public void close() {
    closeQuietly(lockFile);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      System.getLogger(SqliteStore.class.getName())
          .log(System.Logger.Level.WARNING, "closing the journal's lock file", e);
    }
  }
}
