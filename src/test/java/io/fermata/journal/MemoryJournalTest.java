package io.fermata.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The journal of the simulator keeps the same contract as the one on disk. */
class MemoryJournalTest extends JournalContract {
  private MemoryJournal memory;

  @Override
  Journal openAgain() {
    memory = memory == null ? new MemoryJournal(this::now, RETENTION) : memory.reopen();
    return memory;
  }

  @Test
  void whatIsHeldIsLostInACrashAndDurableAfterARelease() {
    memory.hold();
    CompletableFuture<Committed> lost = memory.append(Change.of(entry("a", "m")));
    assertFalse(lost.isDone());
    memory = memory.reopen();
    assertEquals(0, memory.lastSeq());

    memory.hold();
    CompletableFuture<Committed> kept = memory.append(Change.of(entry("b", "m")));
    memory.release();
    assertEquals(1, kept.join().entries().getFirst().seq());
    assertFalse(lost.isDone());
  }

  @Test
  void aFaultOfTheTestFailsTheAppendAndNothingElse() {
    JournalFault fault = new JournalFault(JournalFault.Code.WRITE_FAILED, "disk full");
    memory.failing(change -> change.row() == null ? Optional.of(fault) : Optional.empty());
    assertTrue(memory.append(Change.of(entry("a", "m"))).isCompletedExceptionally());
    assertFalse(memory.append(change(row("m", 0))).isCompletedExceptionally());
    assertEquals(1, memory.lastSeq());
  }
}
