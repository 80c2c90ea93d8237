package io.fermata.migration;

import io.fermata.journal.NewEntry;
import java.util.Optional;
import java.util.stream.Stream;

/** The door of this room for the every-step tests: reads what the loop writes beside its rows. */
public final class MigrationNotes {
  private MigrationNotes() {}

  /** The move or the failure that an entry holds, if it holds one. */
  public static Optional<Note> read(NewEntry entry) {
    return Stream.of(Note.Moved.class, Note.Failed.class)
        .map(MigrationJson::type)
        .filter(entry.type()::equals)
        .map(type -> MigrationJson.note(type, entry.data()))
        .findFirst();
  }

  /** The types of the entries that notes become. */
  public static Stream<String> types() {
    return Stream.of(Note.class.getPermittedSubclasses()).map(MigrationJson::type);
  }
}
