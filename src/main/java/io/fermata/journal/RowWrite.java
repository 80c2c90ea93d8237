package io.fermata.journal;

import org.jspecify.annotations.Nullable;

/**
 * Inserts a row, or replaces the version that the writer knows.
 *
 * @param expectedVersion the version that is replaced; 0 inserts
 * @param holder whose row it must be; null for whoever holds it. A version alone is no proof: a
 *     journal that was restored counts through the same numbers again, with another owner
 */
public record RowWrite(Row row, long expectedVersion, @Nullable Term holder) {
  /** A write over whoever holds the row. */
  public RowWrite(Row row, long expectedVersion) {
    this(row, expectedVersion, null);
  }

  public RowWrite {
    if (expectedVersion < 0 || row.version() != expectedVersion + 1) {
      throw new IllegalArgumentException(
          "row %s has version %d where %d follows"
              .formatted(row.id(), row.version(), expectedVersion + 1));
    }
  }
}
