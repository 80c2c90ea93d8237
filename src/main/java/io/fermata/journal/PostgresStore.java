package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.NOT_DURABLE;
import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database of a PostgreSQL server: brought to the newest schema, and opened only where a commit
 * is on disk when it returns.
 */
final class PostgresStore {
  private static final System.Logger LOG = System.getLogger(PostgresStore.class.getName());

  /**
   * A process that is stopped while it has its turn keeps all others waiting. The server ends its
   * session after so long; the process writes again what it had in hand once it wakes.
   */
  private static final int TURN_MILLIS_MAX = 1_000;

  private static final List<String> MUST_BE_ON = List.of("fsync", "full_page_writes");

  private final PostgresSettings settings;
  private final DataSource source;

  private PostgresStore(PostgresSettings settings) {
    this.settings = settings;
    this.source = new Source(settings);
  }

  /** Checks that commits will be durable, and migrates the schema. */
  static PostgresStore open(PostgresSettings settings) {
    PostgresStore store = new PostgresStore(settings);
    try (Connection first = store.writer()) {
      String encoding = show(first, "server_encoding");
      if (!"UTF8".equals(encoding)) {
        throw new JournalFault(
            OPEN_FAILED,
            settings.url() + " has the encoding " + encoding + " where UTF8 is needed");
      }
      Flyway.configure()
          .dataSource(store.source)
          .locations("classpath:db/migration", "classpath:db/postgresql")
          .load()
          .migrate();
      return store;
    } catch (SQLException | FlywayException e) {
      throw new JournalFault(OPEN_FAILED, "opening " + settings.url(), e);
    }
  }

  /** For connections to a database that another one has opened and brought up to date. */
  static PostgresStore unopened(PostgresSettings settings) {
    return new PostgresStore(settings);
  }

  /** A connection that cannot write. */
  Connection reader() throws SQLException {
    Connection connection = source.getConnection();
    connection.setReadOnly(true);
    return connection;
  }

  /** A connection for a writer, checked: the server may be another one than last time. */
  Connection writer() throws SQLException {
    Connection connection = source.getConnection();
    boolean checked = false;
    try {
      set(connection, "idle_in_transaction_session_timeout", TURN_MILLIS_MAX);
      set(connection, "lock_timeout", settings.timeout().toMillis());
      String found = undurable(connection);
      if (found != null) {
        judge(found);
      }
      checked = true;
      return connection;
    } finally {
      if (!checked) {
        connection.close();
      }
    }
  }

  private void judge(String found) {
    String what = settings.url() + ": " + found + "; a power cut could take back what was promised";
    switch (settings.durability()) {
      case REQUIRED -> throw new JournalFault(NOT_DURABLE, what);
      case WARNED -> LOG.log(System.Logger.Level.WARNING, what);
    }
  }

  /** What is wrong with the server's durability, or null. */
  static @Nullable String undurable(Connection connection) throws SQLException {
    for (String setting : MUST_BE_ON) {
      String value = show(connection, setting);
      if (!"on".equals(value)) {
        return setting + " is " + value + " where on is needed";
      }
    }
    String commit = show(connection, "synchronous_commit");
    return "off".equals(commit) ? "synchronous_commit is off where on is needed" : null;
  }

  private static String show(Connection connection, String setting) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("show " + setting)) {
      return answer.next() ? answer.getString(1) : "";
    }
  }

  private static void set(Connection connection, String setting, long value) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("set " + setting + " = " + value);
    }
  }

  /** Connections by the settings; the password is asked for anew each time. */
  private static final class Source implements DataSource {
    private final PostgresSettings settings;
    private final PGSimpleDataSource driver = new PGSimpleDataSource();

    Source(PostgresSettings settings) {
      this.settings = settings;
      int seconds = (int) Math.max(1, settings.timeout().toSeconds());
      driver.setURL(settings.url());
      driver.setApplicationName("fermata");
      driver.setConnectTimeout(seconds);
      driver.setLoginTimeout(seconds);
      driver.setSocketTimeout(seconds);
      driver.setTcpKeepAlive(true);
    }

    @Override
    public Connection getConnection() throws SQLException {
      return driver.getConnection(settings.username(), settings.password().get());
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
      return driver.getConnection(username, password);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
      return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
      // it logs nothing of its own
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
      driver.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
      return driver.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
      throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> kind) throws SQLException {
      throw new SQLException("wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> kind) {
      return false;
    }
  }
}
