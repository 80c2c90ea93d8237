package io.fermata.journal;

/**
 * Inserts a row, or replaces the version that the writer knows.
 *
 * @param expectedVersion the version that is replaced; 0 inserts
 */
public record RowWrite(Row row, long expectedVersion) {
  public RowWrite {
    if (expectedVersion < 0 || row.version() != expectedVersion + 1) {
      throw new IllegalArgumentException(
          "row %s has version %d where %d follows"
              .formatted(row.id(), row.version(), expectedVersion + 1));
    }
  }
}
