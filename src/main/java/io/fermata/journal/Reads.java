package io.fermata.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reading SQL, on whichever connection it is given. */
final class Reads {
  /** Sorts behind every id that starts with what stands before it; ids are ASCII. */
  private static final String AFTER_ALL = "\uffff";

  private static final String ENTRY =
      "select seq, time_millis, type, subject, actor, data from entry";

  /** So few that every database takes as many parameters. */
  private static final int IDS_AT_ONCE = 500;

  static final String MIGRATION =
      "select id, vm, source, destination, phase, outcome, owner, epoch, version, created_millis,"
          + " updated_millis, data from migration";

  private Reads() {}

  /** Makes one value of the current line of an answer. */
  interface Line<T> {
    T of(ResultSet line) throws SQLException;
  }

  static List<Entry> entriesOf(Connection connection, String subject, long afterSeq, int limit)
      throws SQLException {
    String sql = ENTRY + " where subject = ? and seq > ? order by seq limit ?";
    return query(connection, Reads::entry, sql, subject, afterSeq, limit);
  }

  static List<Entry> entriesAfter(
      Connection connection, long afterSeq, int limit, String typePrefix) throws SQLException {
    if (typePrefix.isEmpty()) {
      String all = ENTRY + " where seq > ? order by seq limit ?";
      return query(connection, Reads::entry, all, afterSeq, limit);
    }
    String some = ENTRY + " where seq > ? and substr(type, 1, ?) = ? order by seq limit ?";
    int length = typePrefix.codePointCount(0, typePrefix.length());
    return query(connection, Reads::entry, some, afterSeq, length, typePrefix, limit);
  }

  static long lastSeq(Connection connection) throws SQLException {
    String sql = "select coalesce(max(seq), 0) from entry";
    return query(connection, line -> line.getLong(1), sql).getFirst();
  }

  static Optional<Row> row(Connection connection, String id) throws SQLException {
    return query(connection, Reads::row, MIGRATION + " where id = ?", id).stream().findFirst();
  }

  static List<Row> rows(Connection connection, List<String> ids) throws SQLException {
    List<Row> found = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += IDS_AT_ONCE) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE));
      String marks = String.join(", ", Collections.nCopies(some.size(), "?"));
      String sql = MIGRATION + " where id in (" + marks + ")";
      found.addAll(query(connection, Reads::row, sql, some.toArray()));
    }
    return found;
  }

  static List<Row> rowsByPrefix(Connection connection, String idPrefix, int limit)
      throws SQLException {
    String sql = MIGRATION + " where id >= ? and id < ? order by id limit ?";
    return query(connection, Reads::row, sql, idPrefix, idPrefix + AFTER_ALL, limit);
  }

  static List<Row> list(Connection connection, RowFilter filter, @Nullable Cursor cursor, int limit)
      throws SQLException {
    Listing listing = new Listing(filter, cursor, limit);
    return query(connection, Reads::row, listing.sql(), listing.values());
  }

  static List<Row> open(Connection connection) throws SQLException {
    String sql = MIGRATION + " where outcome is null order by created_millis, id";
    return query(connection, Reads::row, sql);
  }

  static Optional<Idempotency> idempotency(Connection connection, String key) throws SQLException {
    String sql =
        "select request_key, request_hash, answer, created_millis from idempotency"
            + " where request_key = ?";
    return query(connection, Reads::idempotency, sql, key).stream().findFirst();
  }

  static List<HostRow> hosts(Connection connection) throws SQLException {
    String sql = "select name, data, version from host order by name";
    return query(
        connection,
        line -> new HostRow(line.getString(1), line.getString(2), line.getLong(3)),
        sql);
  }

  /** 0 where there is no such host. */
  static long hostVersion(Connection connection, String name) throws SQLException {
    String sql = "select coalesce(max(version), 0) from host where name = ?";
    return query(connection, line -> line.getLong(1), sql, name).getFirst();
  }

  static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  static void where(
      StringBuilder sql, List<Object> values, String condition, @Nullable Object value) {
    if (value != null) {
      sql.append(" and ").append(condition);
      values.add(value);
    }
  }

  static <T> List<T> query(Connection connection, Line<T> line, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      List<T> found = new ArrayList<>();
      try (ResultSet answer = statement.executeQuery()) {
        while (answer.next()) {
          found.add(line.of(answer));
        }
      }
      return List.copyOf(found);
    }
  }

  private static Entry entry(ResultSet line) throws SQLException {
    return new Entry(
        line.getLong(1),
        line.getLong(2),
        line.getString(3),
        line.getString(4),
        line.getString(5),
        line.getString(6));
  }

  static Row row(ResultSet line) throws SQLException {
    return new Row(
        line.getString(1),
        line.getString(2),
        line.getString(3),
        line.getString(4),
        line.getString(5),
        line.getString(6),
        line.getString(7),
        line.getLong(8),
        line.getLong(9),
        line.getLong(10),
        line.getLong(11),
        line.getString(12));
  }

  private static Idempotency idempotency(ResultSet line) throws SQLException {
    return new Idempotency(
        line.getString(1), line.getString(2), line.getString(3), line.getLong(4));
  }
}
