package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.CLOSED;
import static io.fermata.journal.JournalFault.Code.READ_FAILED;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Leases in the database, on a connection of their own: a heartbeat must not wait behind the
 * writer's queue.
 */
public final class PostgresReplicas implements Replicas {
  private static final String NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

  /** How long a dead replica is still shown. */
  private static final long SHOWN_MILLIS = 3_600_000;

  private final PostgresStore store;
  private @Nullable Connection connection;
  private boolean closed;

  /** Nothing is asked of the database before the first call; its tables are there by then. */
  public PostgresReplicas(PostgresSettings place) {
    this.store = PostgresStore.unopened(place);
  }

  private interface Line<T> {
    T of(ResultSet line) throws SQLException;
  }

  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** A connection that failed is not trusted with the next question. */
  private synchronized <T> T asked(String what, Work<T> work) {
    if (closed) {
      throw new JournalFault(CLOSED, what);
    }
    boolean done = false;
    try {
      Connection open = connection;
      if (open == null) {
        open = store.writer();
        connection = open;
      }
      T answer = work.on(open);
      done = true;
      return answer;
    } catch (SQLException e) {
      throw new JournalFault(READ_FAILED, what, e);
    } finally {
      if (!done) {
        drop();
      }
    }
  }

  @Override
  public boolean renew(Replica self, long leaseMillis) {
    return asked(
        "renewing the lease of " + self,
        open -> {
          String on = "update replica set until_millis = " + NOW + " + ? where id = ?";
          if (update(open, on + " and until_millis > " + NOW, leaseMillis, self.id()) == 1) {
            return true;
          }
          begin(open, self, leaseMillis);
          return false;
        });
  }

  private static void begin(Connection open, Replica self, long leaseMillis) throws SQLException {
    update(open, "delete from replica where until_millis < " + NOW + " - ?", SHOWN_MILLIS);
    update(
        open,
        "insert into replica (id, url, token, started_millis, until_millis) values (?, ?, ?, "
            + NOW
            + ", "
            + NOW
            + " + ?) on conflict (id) do update set until_millis = excluded.until_millis",
        self.id(),
        self.url(),
        self.token(),
        leaseMillis);
  }

  @Override
  public List<Row> orphans(int limit) {
    String sql =
        Reads.MIGRATION
            + " where outcome is null and not exists (select 1 from replica r where"
            + " r.id = migration.owner and r.until_millis > "
            + NOW
            + ") order by created_millis, migration.id limit ?";
    return asked("orphaned migrations", open -> query(open, Reads::row, sql, limit));
  }

  @Override
  public List<Held> held() {
    return asked(
        "owners",
        open ->
            query(
                open,
                line -> new Held(line.getString(1), new Term(line.getString(2), line.getLong(3))),
                "select id, owner, epoch from migration where outcome is null"));
  }

  @Override
  public List<Replica> all() {
    return asked(
        "replicas",
        open ->
            query(
                open,
                PostgresReplicas::replica,
                "select id, url, token, started_millis, until_millis - "
                    + NOW
                    + " from replica order by started_millis, id"));
  }

  private static Replica replica(ResultSet line) throws SQLException {
    return new Replica(
        line.getString(1), line.getString(2), line.getString(3), line.getLong(4), line.getLong(5));
  }

  @Override
  public void leave(String id) {
    asked("leaving", open -> update(open, "delete from replica where id = ?", id));
  }

  private static int update(Connection open, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(sql)) {
      Reads.bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private static <T> List<T> query(Connection open, Line<T> line, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(sql)) {
      Reads.bind(statement, values);
      List<T> found = new ArrayList<>();
      try (ResultSet answer = statement.executeQuery()) {
        while (answer.next()) {
          found.add(line.of(answer));
        }
      }
      return List.copyOf(found);
    }
  }

  private void drop() {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      System.getLogger(PostgresReplicas.class.getName())
          .log(System.Logger.Level.WARNING, "closing the connection of the leases", e);
    }
    connection = null;
  }

  @Override
  public synchronized void close() {
    closed = true;
    drop();
  }
}
