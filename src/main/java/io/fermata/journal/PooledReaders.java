package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.CLOSED;
import static io.fermata.journal.JournalFault.Code.READ_FAILED;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** Reading connections to a server; one that died while it lay idle is replaced unseen. */
final class PooledReaders implements Reading {
  private final HikariDataSource pool;

  /**
   * @param count how many queries may run at once
   * @param timeout how long one that comes while all are busy may wait
   */
  PooledReaders(DataSource source, int count, Duration timeout) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("journal-readers");
    config.setDataSource(source);
    config.setMaximumPoolSize(count);
    config.setReadOnly(true);
    config.setConnectionTimeout(Math.max(250, timeout.toMillis()));
    config.setValidationTimeout(Math.max(250, timeout.toMillis() / 2));
    config.setInitializationFailTimeout(-1);
    pool = new HikariDataSource(config);
  }

  @Override
  public <T> T read(String what, Query<T> query) {
    if (pool.isClosed()) {
      throw new JournalFault(CLOSED, what);
    }
    try (Connection connection = pool.getConnection()) {
      return query.ask(connection);
    } catch (SQLException e) {
      throw new JournalFault(READ_FAILED, what, e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
