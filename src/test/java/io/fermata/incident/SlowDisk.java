package io.fermata.incident;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Spoils the disk of a journal in SQLite, as far as the journal can tell: somebody else holds the
 * database's write lock, for good or again and again.
 */
final class SlowDisk implements AutoCloseable {
  private static final long HELD_MILLIS = 100;
  private static final long FREE_MILLIS = 150;

  private final Connection rival;
  private Thread again;
  private volatile boolean mended;

  SlowDisk(Path journal) {
    try {
      rival = DriverManager.getConnection("jdbc:sqlite:" + journal.resolve("fermata.db"));
      run("pragma busy_timeout = 10000");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Nothing can be written any more. */
  void full() {
    run("begin immediate");
  }

  /** Everything that is written has to wait. */
  void slow() {
    again =
        Thread.ofPlatform()
            .start(() -> {
              while (!mended) {
                run("begin immediate");
                pause(HELD_MILLIS);
                run("rollback");
                pause(FREE_MILLIS);
              }
            });
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void mended() {
    if (mended) {
      return;
    }
    mended = true;
    if (again == null) {
      run("rollback");
      return;
    }
    try {
      again.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(String sql) {
    try (var statement = rival.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    mended();
    try {
      rival.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
