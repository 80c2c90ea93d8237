package io.fermata.migration;

import io.fermata.journal.Row;

/** The door of this room for the simulator: reads what the loop has written. */
public final class MigrationRows {
  private MigrationRows() {}

  /** The migration of a journal's row. */
  public static Migration read(Row row) {
    return MigrationJson.migration(row.data());
  }
}
