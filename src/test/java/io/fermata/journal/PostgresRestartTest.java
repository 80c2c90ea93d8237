package io.fermata.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server goes away under an open journal and comes back. */
class PostgresRestartTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenWhileItIsAwayFailsAndAfterwardsAllGoesOn() {
    try (PostgresServer server = PostgresServer.in(directory.resolve("data"))) {
      var place = PostgresServer.settings(server.database());
      var settings = new JournalSettings(directory, 1_000, 2, Duration.ofDays(7));
      var time = new JournalTime(InstantSource.system(), System::nanoTime);
      try (Journal here = PostgresJournal.open(place, settings, time, nanos -> {});
          Journal there = PostgresJournal.open(place, settings, time, nanos -> {})) {
        List<Long> heard = new CopyOnWriteArrayList<>();
        here.onCommit(entries -> entries.forEach(entry -> heard.add(entry.seq())));
        here.append(JournalContract.change(JournalContract.row("m1", 0))).join();

        server.stop();
        var e =
            assertThrows(
                CompletionException.class,
                () -> here.append(Change.of(JournalContract.entry("lost", "m1"))).join());
        assertInstanceOf(JournalFault.class, e.getCause());
        assertThrows(JournalFault.class, () -> here.row("m1"));

        server.start();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() ->
                there
                    .append(Change.of(JournalContract.entry("later", "m1")))
                    .handle((done, fault) -> fault == null)
                    .join());
        await().until(() -> heard.size() == 2);
        assertEquals(List.of(1L, 2L), heard);
        assertEquals("m1", here.row("m1").orElseThrow().id());
      }
    }
  }
}
