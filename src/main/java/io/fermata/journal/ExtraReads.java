package io.fermata.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reading SQL of audit records and documents. */
final class ExtraReads {
  private static final String AUDIT =
      "select chain, number, time_millis, actor, action, subject, decision, data, previous, hash"
          + " from audit";

  private ExtraReads() {}

  static List<Audited> audit(
      Connection connection, AuditFilter filter, @Nullable AuditPlace after, int limit)
      throws SQLException {
    StringBuilder sql = new StringBuilder(AUDIT).append(" where 1 = 1");
    List<Object> values = new ArrayList<>();
    Reads.where(sql, values, "actor = ?", filter.actor());
    Reads.where(sql, values, "subject = ?", filter.subject());
    Reads.where(sql, values, "decision = ?", filter.decision());
    Reads.where(sql, values, "time_millis >= ?", filter.sinceMillis());
    Reads.where(sql, values, "time_millis < ?", filter.untilMillis());
    String action = filter.action();
    if (action != null) {
      sql.append(" and (action = ? or substr(action, 1, ?) = ?)");
      values.add(action);
      values.add(action.codePointCount(0, action.length()) + 1);
      values.add(action + ".");
    }
    if (after != null) {
      sql.append(" and (time_millis, chain, number) < (?, ?, ?)");
      values.addAll(List.of(after.timeMillis(), after.chain(), after.number()));
    }
    sql.append(" order by time_millis desc, chain desc, number desc limit ?");
    values.add(limit);
    return Reads.query(connection, ExtraReads::audited, sql.toString(), values.toArray());
  }

  static List<Audited> chain(Connection connection, String chain, long afterNumber, int limit)
      throws SQLException {
    String sql = AUDIT + " where chain = ? and number > ? order by number limit ?";
    return Reads.query(connection, ExtraReads::audited, sql, chain, afterNumber, limit);
  }

  static List<String> chains(Connection connection) throws SQLException {
    String sql = "select distinct chain from audit order by chain";
    return Reads.query(connection, line -> line.getString(1), sql);
  }

  /** The last link of a chain; empty where it has none. */
  static List<Audited> head(Connection connection, String chain) throws SQLException {
    String sql = AUDIT + " where chain = ? order by number desc limit 1";
    return Reads.query(connection, ExtraReads::audited, sql, chain);
  }

  static List<Document> documents(Connection connection, String kind) throws SQLException {
    String sql = "select kind, id, version, data from document where kind = ? order by id";
    return Reads.query(
        connection,
        line ->
            new Document(line.getString(1), line.getString(2), line.getLong(3), line.getString(4)),
        sql,
        kind);
  }

  /** 0 where there is no such document. */
  static long version(Connection connection, String kind, String id) throws SQLException {
    String sql = "select coalesce(max(version), 0) from document where kind = ? and id = ?";
    return Reads.query(connection, line -> line.getLong(1), sql, kind, id).getFirst();
  }

  private static Audited audited(ResultSet line) throws SQLException {
    var record =
        new NewAudit(
            line.getLong(3),
            line.getString(4),
            line.getString(5),
            line.getString(6),
            line.getString(7),
            line.getString(8));
    return new Audited(
        line.getString(1), line.getLong(2), record, line.getString(9), line.getString(10));
  }
}
