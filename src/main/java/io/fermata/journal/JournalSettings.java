package io.fermata.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings {@code fermata.journal.*}.
 *
 * @param directory where the database lives; made if absent; one process at a time
 * @param queueLimit how many changes may wait for the writer before appends are refused
 * @param readers how many queries may run at once
 * @param keyRetention how long idempotency keys are kept
 */
public record JournalSettings(Path directory, int queueLimit, int readers, Duration keyRetention) {
  public JournalSettings {
    require(directory != null, "directory", "must name the folder that holds the journal");
    require(
        queueLimit >= 1 && queueLimit <= 1_000_000,
        "queue-limit",
        "must be between 1 and 1000000, is " + queueLimit);
    require(readers >= 1 && readers <= 64, "readers", "must be between 1 and 64, is " + readers);
    require(
        keyRetention != null && keyRetention.compareTo(Duration.ofMinutes(1)) >= 0,
        "key-retention",
        "must be at least one minute, is " + keyRetention);
  }

  private static void require(boolean holds, String property, String problem) {
    if (!holds) {
      throw new IllegalArgumentException("fermata.journal." + property + " " + problem);
    }
  }
}
