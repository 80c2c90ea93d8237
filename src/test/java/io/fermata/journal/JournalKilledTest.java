package io.fermata.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a killed process has acknowledged is there afterwards, whole and in order. The page cache
 * survives a kill, so this proves the transactions and not the flush: that is checked by PRAGMA.
 */
class JournalKilledTest {
  private static final int LIVES = 2;
  private static final int ACKNOWLEDGED_PER_LIFE = 100;

  @TempDir Path directory;

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void everyAcknowledgedSeqIsThereAfterAKill() throws Exception {
    long acknowledgedBefore = 0;
    for (int life = 0; life < LIVES; life++) {
      Path output = directory.resolve("life" + life);
      Process child = start("life" + life, output);
      try {
        awaitLines(child, output, ACKNOWLEDGED_PER_LIFE * (life + 1));
        JournalFault inUse = assertThrows(JournalFault.class, this::open);
        assertEquals(JournalFault.Code.IN_USE, inUse.code());
      } finally {
        child.destroyForcibly().waitFor();
      }
      acknowledgedBefore = check(wholeLines(output), acknowledgedBefore);
    }
  }

  /** Returns the highest seq that is there. */
  private long check(List<String> acknowledged, long seqBefore) {
    try (Journal journal = open()) {
      List<Entry> entries = journal.entriesAfter(0, Integer.MAX_VALUE);
      for (int i = 0; i < entries.size(); i++) {
        assertEquals(i + 1, entries.get(i).seq());
      }
      for (String line : acknowledged) {
        String[] words = line.split(" ", 3);
        int seq = Integer.parseInt(words[1]);
        assertTrue(seq > seqBefore, "a seq that the life before had used: " + seq);
        assertEquals(words[2], entries.get(seq - 1).type());
        assertEquals(words[2], entries.get(seq - 2).type());
        assertTrue(journal.row(words[2]).isPresent());
      }
      Map<String, Long> perType =
          entries.stream()
              .map(Entry::type)
              .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
      assertTrue(perType.values().stream().allMatch(count -> count == 2), "a torn transaction");
      assertEquals(perType.size(), journal.open().size());
      return journal.lastSeq();
    }
  }

  private Journal open() {
    return SqliteJournal.open(
        new JournalSettings(directory.resolve("journal"), 100, 1, Duration.ofDays(7)),
        new JournalTime(InstantSource.system(), System::nanoTime),
        nanos -> {});
  }

  private Process start(String name, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            AppendingProcess.class.getName(),
            directory.resolve("journal").toString(),
            name)
        .redirectOutput(output.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void awaitLines(Process child, Path output, int count) throws Exception {
    while (wholeLines(output).size() < count) {
      assertTrue(child.isAlive(), "the child ended by itself");
      Thread.sleep(20);
    }
  }

  /** What it acknowledged; the last line may have been cut by the kill. */
  private static List<String> wholeLines(Path output) throws IOException {
    String text = Files.readString(output, StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.startsWith("ack "))
        .toList();
  }
}
