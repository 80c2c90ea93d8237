package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A migration that the disk has, whatever the write said, is looked after. */
class BirthInDoubtTest {
  private static final Migration UNSURE = Orders.in(Phase.QUEUED, Evidence.NONE, null);

  private final MemoryJournal journal = new MemoryJournal(() -> Instant.EPOCH, Duration.ofHours(1));
  private final List<Migration> adopted = new ArrayList<>();

  private Doubts doubts() {
    return new Doubts(journal, new Beside(Runnable::run), adopted::add);
  }

  private static Doubts.Birth settled(Doubts doubts) {
    List<Doubts.Birth> births = new ArrayList<>();
    doubts.settle(UNSURE, 0, births::add);
    return births.getFirst();
  }

  @Test
  void oneThatIsOnDiskIsAdopted() {
    journal.append(Writer.birth(UNSURE, null)).join();
    assertEquals(Doubts.Birth.BORN, settled(doubts()));
    assertEquals(List.of(UNSURE), adopted);
  }

  @Test
  void oneThatIsNotIsForgotten() {
    Doubts doubts = doubts();
    assertEquals(Doubts.Birth.NEVER, settled(doubts));
    assertEquals(Long.MAX_VALUE, doubts.nextRetryMillis());
    assertEquals(List.of(), adopted);
  }

  @Test
  void aRowThatCannotBeReadStopsTheStart() {
    var row = new Row("m0000009", "vm", "a", "b", "QUIESCING", null, "o1", 1, 1, 1, 1, "{\"id\":");
    journal.append(new Change(List.of(), new RowWrite(row, 0), null)).join();
    List<Runnable> tasks = new ArrayList<>();
    var world = new MigrationLoop.World(journal, null, null, null, tasks::add, "o2");
    var loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    var migrations = new JournaledMigrations(loop, journal, new java.util.SplittableRandom(1));
    var fault = assertThrows(JournalFault.class, migrations::recover);
    assertEquals(JournalFault.Code.DAMAGED, fault.code());
  }
}
