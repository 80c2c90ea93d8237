package io.fermata.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fuzz.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A journal's file after anything may have happened to it: it is refused with a fault of the
 * journal's, or every migration that was open is still there.
 */
class JournalFuzzTest {
  private static final int OPEN = 12;
  private static final int PAGE = 4096;
  private static final long BYTES_MOST = 256 << 20;

  @TempDir Path directory;

  @Test
  void aSpoiltJournalIsRefusedOrWhole() throws IOException {
    new Fuzz("journal", 100, BYTES_MOST).feed(List.of(whole()), this::take);
  }

  /** Every page of the database claims to hold fewer cells than it does: none may be believed. */
  @Test
  void aPageThatHidesWhatItHoldsIsFound() throws IOException {
    byte[] whole = whole();
    for (int page = PAGE; page < whole.length; page += PAGE) {
      boolean tree = whole[page] == 2 || whole[page] == 5 || whole[page] == 10 || whole[page] == 13;
      int cells = (whole[page + 3] & 0xff) * 256 + (whole[page + 4] & 0xff);
      if (tree && cells > 1) {
        byte[] spoilt = whole.clone();
        spoilt[page + 3] = 0;
        spoilt[page + 4] = 1;
        take(spoilt);
      }
    }
  }

  private byte[] whole() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("whole"));
    try (Journal journal = open(folder)) {
      for (int i = 0; i < OPEN; i++) {
        String id = "m%04d".formatted(i);
        var entry = new NewEntry("migration.submitted", id, "test", "{\"vm\":\"vm-" + i + "\"}");
        journal.append(new Change(List.of(entry), new RowWrite(row(id), 0), null)).join();
      }
    }
    return Files.readAllBytes(folder.resolve(SqliteStore.DATABASE));
  }

  private void take(byte[] bytes) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("spoilt"));
    for (String name : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve(SqliteStore.DATABASE + name));
    }
    Files.write(folder.resolve(SqliteStore.DATABASE), bytes);
    List<Row> open = new ArrayList<>();
    List<Entry> entries;
    try (Journal journal = open(folder)) {
      open.addAll(journal.open());
      entries = journal.entriesAfter(0, 1_000);
      journal.append(Change.of(new NewEntry("x", "y", "z", "{}"))).join();
    } catch (JournalFault refused) {
      assertTrue(refused.getMessage() != null);
      return;
    }
    assertEquals(OPEN, open.size(), "open migrations were lost without a word");
    assertEquals(OPEN, entries.size(), "entries were lost without a word");
  }

  private static Journal open(Path folder) {
    var settings = new JournalSettings(folder, 100, 1, Duration.ofHours(1));
    var time = new JournalTime(() -> Instant.EPOCH, () -> 0);
    return SqliteJournal.open(settings, time, nanos -> {});
  }

  private static Row row(String id) {
    return new Row(
        id,
        "vm",
        "host-a",
        "host-b",
        "QUIESCING",
        null,
        "o1",
        1,
        1,
        1,
        1,
        "{\"x\":\"" + id + "\"}");
  }
}
