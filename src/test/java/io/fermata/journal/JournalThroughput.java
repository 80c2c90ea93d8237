package io.fermata.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Prints appends per second and their latency: each one entry of 200 bytes and one row inserted.
 * Run by hand; the argument is a directory on the disk that is to be measured.
 */
final class JournalThroughput {
  private static final int SECONDS = 4;

  private JournalThroughput() {}

  public static void main(String[] args) throws IOException {
    for (int threads : new int[] {1, 64, 1, 64}) {
      Path directory = Files.createTempDirectory(Path.of(args[0]), "journal");
      measure(directory, threads);
    }
  }

  private static void measure(Path directory, int threads) {
    long[] nanos = new long[4_000_000];
    AtomicInteger count = new AtomicInteger();
    var settings = new JournalSettings(directory, 10_000, 2, Duration.ofDays(7));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    try (SqlJournal journal =
        SqliteJournal.open(settings, time, took -> nanos[count.getAndIncrement()] = took)) {
      long end = System.nanoTime() + SECONDS * 1_000_000_000L;
      try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int t = 0; t < threads; t++) {
          String name = "t" + t + "-";
          var _ = pool.submit(() -> append(journal, name, end));
        }
      }
      int appends = count.get();
      Arrays.sort(nanos, 0, appends);
      System.out.printf(
          "%2d threads: %,d appends/s, %.1f per commit, p50 %,d us, p99 %,d us, max %,d us%n",
          threads,
          appends / SECONDS,
          (double) appends / journal.commits(),
          nanos[appends / 2] / 1000,
          nanos[appends / 100 * 99] / 1000,
          nanos[appends - 1] / 1000);
    }
  }

  private static void append(Journal journal, String name, long end) {
    String data = "x".repeat(200);
    for (int i = 0; System.nanoTime() < end; i++) {
      Row row = new Row(name + i, "vm", "a", "b", "QUEUED", null, "me", 1, 1, i, i, "{}");
      NewEntry entry = new NewEntry("phase", row.id(), "bench", data);
      journal.append(new Change(List.of(entry), new RowWrite(row, 0), null)).join();
    }
  }
}
