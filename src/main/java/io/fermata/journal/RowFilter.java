package io.fermata.journal;

import org.jspecify.annotations.Nullable;

/**
 * Which rows a list shows; null matches everything.
 *
 * @param host source or destination
 * @param phase the row's phase; {@link #ACTIVE} stands for every row without an outcome
 * @param sinceMillis created at this epoch millisecond or later
 * @param untilMillis created before this epoch millisecond
 */
public record RowFilter(
    @Nullable String vm,
    @Nullable String host,
    @Nullable String phase,
    @Nullable String outcome,
    @Nullable Long sinceMillis,
    @Nullable Long untilMillis) {
  /** The phase word for rows without an outcome. */
  public static final String ACTIVE = "active";

  /** Every row. */
  public static final RowFilter ALL = new RowFilter(null, null, null, null, null, null);

  /** Whether the list shows this row. */
  public boolean matches(Row row) {
    return equalOrAny(vm, row.vm())
        && (host == null || host.equals(row.source()) || host.equals(row.destination()))
        && (ACTIVE.equals(phase) ? row.outcome() == null : equalOrAny(phase, row.phase()))
        && equalOrAny(outcome, row.outcome())
        && (sinceMillis == null || row.createdMillis() >= sinceMillis)
        && (untilMillis == null || row.createdMillis() < untilMillis);
  }

  private static boolean equalOrAny(@Nullable String wanted, @Nullable String value) {
    return wanted == null || wanted.equals(value);
  }
}
