package io.fermata.migration;

import io.fermata.journal.NewEntry;
import java.util.Optional;

/** The door of this room for the every-step tests: reads what the loop writes beside its rows. */
public final class MigrationNotes {
  private MigrationNotes() {}

  /** The note that an entry holds, if it holds one. */
  public static Optional<Note> read(NewEntry entry) {
    boolean other = entry.type().equals(Timeline.TYPE) || entry.type().endsWith("submitted");
    return other ? Optional.empty() : Optional.of(MigrationJson.note(entry.type(), entry.data()));
  }
}
