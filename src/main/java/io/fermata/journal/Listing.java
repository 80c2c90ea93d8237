package io.fermata.journal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of one page of the list. Each page is read along one index, in its order, and ends where
 * it is full; which one, is said here and not left to the database: one without statistics of the
 * table takes any that fits, such as that of an outcome that nearly all rows have.
 *
 * <p>A condition that must not choose the index compares an expression in place of the column.
 */
final class Listing {
  private static final String ORDER = " order by created_millis desc, id desc limit ?";

  private final RowFilter filter;
  private final @Nullable Cursor cursor;
  private final int limit;
  private final StringBuilder sql = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  Listing(RowFilter filter, @Nullable Cursor cursor, int limit) {
    this.filter = filter;
    this.cursor = cursor;
    this.limit = limit;
    if (drivenBy() == Drive.HOST) {
      byHost();
    } else {
      one(hostAnywhere());
    }
  }

  /** What is likely to leave the fewest rows, the best first. */
  private enum Drive {
    VM,
    OPEN,
    HOST,
    OUTCOME,
    PHASE,
    TIME
  }

  private Drive drivenBy() {
    if (filter.vm() != null) {
      return Drive.VM;
    }
    if (RowFilter.ACTIVE.equals(filter.phase())) {
      return Drive.OPEN;
    }
    if (filter.host() != null) {
      return Drive.HOST;
    }
    if (filter.outcome() != null) {
      return Drive.OUTCOME;
    }
    return filter.phase() == null ? Drive.TIME : Drive.PHASE;
  }

  String sql() {
    return sql.toString();
  }

  Object[] values() {
    return values.toArray();
  }

  /** A row has a source and a destination, and no index has both: a page of each, then one. */
  private void byHost() {
    sql.append("select * from (");
    one(new Condition("source = ?", 1));
    sql.append(") leaving union all select * from (");
    one(new Condition("destination = ? and source || '' <> ?", 2));
    sql.append(") coming").append(ORDER);
    values.add(limit);
  }

  /** A condition on the host, and how often it names it. */
  private record Condition(String text, int times) {
    static final Condition NONE = new Condition("1 = 1", 0);
  }

  private Condition hostAnywhere() {
    return filter.host() == null
        ? Condition.NONE
        : new Condition("(source || '' = ? or destination || '' = ?)", 2);
  }

  private void one(Condition host) {
    sql.append(Reads.MIGRATION).append(" where ").append(host.text());
    values.addAll(Collections.nCopies(host.times(), String.valueOf(filter.host())));
    Drive drive = drivenBy();
    Reads.where(sql, values, "vm = ?", filter.vm());
    Reads.where(sql, values, column("outcome", drive == Drive.OUTCOME), filter.outcome());
    Reads.where(sql, values, "created_millis >= ?", filter.sinceMillis());
    Reads.where(sql, values, "created_millis < ?", filter.untilMillis());
    if (RowFilter.ACTIVE.equals(filter.phase())) {
      sql.append(" and outcome is null");
    } else {
      Reads.where(sql, values, column("phase", drive == Drive.PHASE), filter.phase());
    }
    if (cursor != null) {
      sql.append(" and (created_millis, id) < (?, ?)");
      values.add(cursor.createdMillis());
      values.add(cursor.id());
    }
    sql.append(ORDER);
    values.add(limit);
  }

  private static String column(String name, boolean drives) {
    return name + (drives ? " = ?" : " || '' = ?");
  }
}
