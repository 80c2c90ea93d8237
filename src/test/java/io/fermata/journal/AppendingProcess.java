package io.fermata.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * A process that appends without end from several threads and prints each acknowledged seq with the
 * type it belongs to, until somebody kills it.
 */
final class AppendingProcess {
  private static final int THREADS = 8;

  private AppendingProcess() {}

  public static void main(String[] args) {
    var settings = new JournalSettings(Path.of(args[0]), 1_000, 1, Duration.ofDays(7));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    Journal journal = SqliteJournal.open(settings, time, nanos -> {});
    for (int t = 0; t < THREADS; t++) {
      String subject = args[1] + "-" + t;
      Thread.ofPlatform().start(() -> appendWithoutEnd(journal, subject));
    }
  }

  private static void appendWithoutEnd(Journal journal, String subject) {
    String data = "x".repeat(500);
    for (int i = 0; true; i++) {
      String type = subject + "." + i;
      Row row = new Row(type, "vm", "a", "b", "QUEUED", null, "me", 1, 1, i, i, data);
      NewEntry entry = new NewEntry(type, subject, "child", data);
      Change change = new Change(List.of(entry, entry), new RowWrite(row, 0), null);
      Committed committed = journal.append(change).join();
      // One call, so that lines of different threads never mix.
      System.out.println("ack " + committed.entries().getLast().seq() + " " + type);
    }
  }
}
