package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.DryRuns.Taken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Two replicas that share a journal. */
class JournaledDryRunsTest {
  private static final int MOST = 5;
  private static final Duration VALID = Duration.ofMinutes(10);

  private Instant now = Instant.EPOCH;
  private final InstantSource time = () -> now;
  private final MemoryJournal journal = new MemoryJournal(time, Duration.ofDays(1));
  private final DryRuns one = dryRuns(1);
  private final DryRuns other = dryRuns(2);

  private JournaledDryRuns dryRuns(long seed) {
    var settings = new JournaledDryRuns.Settings(MOST, VALID);
    return new JournaledDryRuns(journal, time, new Random(seed), settings);
  }

  private static String kept(DryRuns by, String shown) {
    return by.keep("abort", shown).join().orElseThrow();
  }

  private static Taken take(DryRuns by, String word) {
    return by.take("abort", word, shown -> true).join();
  }

  @Test
  void whatOneReplicaGaveOutIsGoodAtTheOtherOnce() {
    String word = kept(one, "shown");
    assertEquals(new Taken.Found("shown"), take(other, word));
    assertInstanceOf(Taken.Nothing.class, take(one, word));
    assertInstanceOf(Taken.Nothing.class, take(other, word));
  }

  @Test
  void ofTwoThatTakeItAtTheSameTimeOneGetsNothing() {
    String word = kept(one, "shown");
    List<CompletableFuture<Taken>> inside = new ArrayList<>();
    // the second one reads and takes it between the first one's look and its write
    Taken late =
        one.take("abort", word, shown -> inside.add(other.take("abort", word, s -> true))).join();
    assertEquals(new Taken.Found("shown"), inside.getFirst().join());
    assertInstanceOf(Taken.Nothing.class, late);
  }

  @Test
  void whatDoesNotFitStaysGood() {
    String word = kept(one, "shown");
    assertInstanceOf(Taken.Nothing.class, one.take("abort", word, shown -> false).join());
    assertInstanceOf(Taken.Nothing.class, one.take("reset", word, shown -> true).join());
    assertInstanceOf(Taken.Nothing.class, take(one, "another"));
    assertEquals(new Taken.Found("shown"), take(other, word));
  }

  @Test
  void aWordIsGoodForAWhile() {
    String word = kept(one, "shown");
    String late = kept(one, "late");
    now = now.plus(VALID);
    assertEquals(new Taken.Found("shown"), take(one, word));
    now = now.plusMillis(1);
    assertInstanceOf(Taken.Nothing.class, take(one, late));
  }

  @Test
  void theOldestMakePlace() {
    List<String> words = new ArrayList<>();
    for (int i = 0; i <= MOST; i++) {
      words.add(kept(i % 2 == 0 ? one : other, "shown " + i));
      now = now.plusMillis(1);
    }
    assertEquals(MOST, journal.documents("dry-run").size());
    assertInstanceOf(Taken.Nothing.class, take(one, words.getFirst()));
    assertEquals(new Taken.Found("shown " + MOST), take(one, words.getLast()));
    kept(one, "next");
    assertTrue(
        journal.documents("dry-run").stream().noneMatch(d -> d.id().equals(words.getLast())),
        "what was taken is cleared away");
  }

  @Test
  void whereTheJournalDoesNotWriteNoWordIsGivenOutAndNoneIsTaken() {
    String word = kept(one, "shown");
    journal.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk")));
    assertEquals(Optional.empty(), one.keep("abort", "shown").join());
    var told = assertInstanceOf(Taken.Unavailable.class, take(one, word));
    assertTrue(told.why().contains("the disk"), told::why);
    journal.failing(change -> Optional.empty());
    assertEquals(new Taken.Found("shown"), take(one, word));
  }
}
