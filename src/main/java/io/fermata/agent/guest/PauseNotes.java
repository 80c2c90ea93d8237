package io.fermata.agent.guest;

import io.fermata.handover.MigrationId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which guests this agent paused, and for which migration: one small file each, on disk before the
 * guest is paused. A guest without one was paused by somebody else and is not let run. That there
 * is a file is the whole message, so one that a crash tore says as much as a whole one.
 */
final class PauseNotes {
  private final Path folder;

  PauseNotes(Path folder) {
    this.folder = folder;
  }

  /** Notes that this migration paused that guest; older notes of the same guest are over. */
  void write(MigrationId migration, String vm) {
    try {
      Files.createDirectories(folder);
      forgetOthers(vm);
      var options = List.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try (FileChannel file =
          FileChannel.open(at(migration), options.toArray(StandardOpenOption[]::new))) {
        file.write(ByteBuffer.wrap(vm.getBytes(StandardCharsets.UTF_8)));
        file.force(true);
      }
      sync();
    } catch (IOException e) {
      throw new UncheckedIOException("noting in " + folder + " that " + vm + " is paused", e);
    }
  }

  private void forgetOthers(String vm) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path each : all.toList()) {
        if (Files.readString(each).equals(vm)) {
          Files.delete(each);
        }
      }
    }
  }

  boolean has(MigrationId migration) {
    return Files.exists(at(migration));
  }

  /** The guest runs again. A note that a crash brings back only says what was so before. */
  void remove(MigrationId migration) {
    try {
      Files.deleteIfExists(at(migration));
    } catch (IOException e) {
      throw new UncheckedIOException("removing the note of " + migration + " in " + folder, e);
    }
  }

  private Path at(MigrationId migration) {
    return folder.resolve(migration.value());
  }

  private void sync() throws IOException {
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
