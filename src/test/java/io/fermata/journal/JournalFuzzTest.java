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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A journal's files after anything may have happened to them. A spoilt database is refused with a
 * fault of the journal's, or every migration that was open is still there. A spoilt write-ahead log
 * looks like one that a crash has cut short: the journal is refused, or it is what it was after one
 * of its writes, with the rows of exactly that moment.
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

  /** Cut short, torn, with a bit flipped or doubled: what follows the damage never was. */
  @Test
  void aSpoiltLogIsRefusedOrEndsAtOneOfItsWrites() throws IOException {
    Pair half = written(OPEN / 2, directory.resolve("log"));
    Pair rest = written(OPEN, directory.resolve("log"));
    assertTrue(half.log.length > 0 && rest.log.length > 0, "nothing was left in the log");
    new Fuzz("journal-log", 60, BYTES_MOST)
        .feed(List.of(rest.log), log -> takeLog(rest.database, log, OPEN / 2));
  }

  /** A log of before a checkpoint beside a database of after it, as a careless copy leaves them. */
  @Test
  void anOldLogIsRefusedOrEndsAtOneOfItsWrites() throws IOException {
    Pair half = written(OPEN / 2, directory.resolve("old"));
    Pair rest = written(OPEN, directory.resolve("old"));
    byte[] closed = Files.readAllBytes(directory.resolve("old").resolve(SqliteStore.DATABASE));
    takeLog(rest.database, half.log, 0);
    takeLog(closed, half.log, 0);
    takeLog(closed, rest.log, OPEN);
  }

  /** The two files as they lie there while the journal is open. */
  private static final class Pair {
    final byte[] database;
    final byte[] log;

    Pair(byte[] database, byte[] log) {
      this.database = database;
      this.log = log;
    }
  }

  /** Appends until so many migrations are there; the log is emptied when the journal closes. */
  private static Pair written(int most, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Journal journal = open(folder)) {
      for (int i = journal.open().size(); i < most; i++) {
        append(journal, i);
      }
      Path database = folder.resolve(SqliteStore.DATABASE);
      Path log = folder.resolve(SqliteStore.DATABASE + "-wal");
      return new Pair(Files.readAllBytes(database), Files.readAllBytes(log));
    }
  }

  private static void append(Journal journal, int i) {
    String id = "m%04d".formatted(i);
    var entry = new NewEntry("migration.submitted", id, "test", "{\"vm\":\"vm-" + i + "\"}");
    journal.append(new Change(List.of(entry), new RowWrite(row(id), 0), null)).join();
  }

  private byte[] whole() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("whole"));
    try (Journal journal = open(folder)) {
      for (int i = 0; i < OPEN; i++) {
        append(journal, i);
      }
    }
    return Files.readAllBytes(folder.resolve(SqliteStore.DATABASE));
  }

  private void takeLog(byte[] database, byte[] log, int least) throws IOException {
    Path folder = placed(database);
    Files.write(folder.resolve(SqliteStore.DATABASE + "-wal"), log);
    List<String> open;
    List<String> told;
    try (Journal journal = open(folder)) {
      open = journal.open().stream().map(Row::id).sorted().toList();
      told = journal.entriesAfter(0, 1_000).stream().map(Entry::subject).toList();
      journal.append(Change.of(new NewEntry("x", "y", "z", "{}"))).join();
    } catch (JournalFault refused) {
      assertTrue(refused.getMessage() != null);
      return;
    }
    List<String> ids = IntStream.range(0, told.size()).mapToObj("m%04d"::formatted).toList();
    assertEquals(ids, told, "not what it was after any write");
    assertEquals(ids, open, "rows of one moment and entries of another");
    assertTrue(told.size() >= least, "what was in the database is gone");
  }

  private Path placed(byte[] database) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("spoilt"));
    for (String name : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve(SqliteStore.DATABASE + name));
    }
    Files.write(folder.resolve(SqliteStore.DATABASE), database);
    return folder;
  }

  private void take(byte[] bytes) throws IOException {
    Path folder = placed(bytes);
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
