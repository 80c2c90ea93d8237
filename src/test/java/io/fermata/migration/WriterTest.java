package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.Entry;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.NewEntry;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.Term;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is decided reaches the disk in order, whole and once, unless it is another's by then. */
class WriterTest {
  private static final MigrationId ID = Orders.ID;
  private static final Migration COPIES = Orders.in(Phase.PRECOPYING, Evidence.NONE, null);

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<Runnable> questions = new ArrayList<>();
  private final List<Writer.Result> results = new ArrayList<>();
  private final Beside reading = new Beside(tasks::add);
  private final Writer writer =
      new Writer(
          Given.told(journal, this::asked),
          reading,
          tasks::add,
          (run, result) -> results.add(result));
  private JournalFault.@Nullable Code reads;
  private int appends;

  private void asked(String call) {
    if (call.equals("append")) {
      appends++;
    } else if (reads != null) {
      throw new JournalFault(reads, "the test");
    }
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** The run of a migration whose row is on disk. */
  private Run born(Migration m) {
    put(m);
    return new Run(m, 1);
  }

  /** Somebody writes it over whatever is there. */
  private void put(Migration m) {
    long before = journal.row(m.id().value()).map(Row::version).orElse(0L);
    var write = new RowWrite(Writer.row(m, before + 1, 0), before);
    journal.append(new Change(List.of(), write, null)).join();
  }

  /** Somebody decides that, at that time. */
  private void decide(Run run, Note note, long now) {
    run.become(run.migration().with(List.of(note), now), 0);
    writer.write(run, List.of(note), "ops", now);
    work();
  }

  private static Note budget(long millis) {
    return new Note.BudgetSet("ops", millis);
  }

  private Migration onDisk(MigrationId id) {
    return MigrationJson.migration(journal.row(id.value()).orElseThrow().data());
  }

  /** The budgets that the history tells of, in order. */
  private List<String> history(MigrationId id) {
    return journal.entriesOf(id.value(), 0, 99).stream()
        .map(Entry::data)
        .map(data -> data.replaceAll(".*\"millis\":(\\d+).*", "$1"))
        .toList();
  }

  private void fails(boolean yes) {
    var fault = new JournalFault(JournalFault.Code.WRITE_FAILED, "the test");
    journal.failing(change -> yes ? Optional.of(fault) : Optional.empty());
  }

  private void retry(long now) {
    writer.retryDue(now);
    work();
  }

  @Test
  void whatFollowsEachOtherIsOnDiskInThatOrder() {
    Run run = born(COPIES);
    journal.hold();
    decide(run, budget(1), 70);
    decide(run, budget(2), 80);
    assertEquals(List.of(), results, "nothing is durable yet");
    assertEquals(COPIES.version(), run.durableVersion());
    journal.release();
    work();
    assertEquals(List.of(Writer.Result.KEPT, Writer.Result.KEPT), results);
    assertEquals(run.migration().version(), run.durableVersion());
    assertEquals(run.migration(), onDisk(ID));
    assertEquals(List.of("1", "2"), history(ID));
    Row row = journal.row(ID.value()).orElseThrow();
    assertEquals(3, row.version());
    assertEquals(80, row.updatedMillis());
    assertFalse(writer.failing());
    assertEquals(Long.MAX_VALUE, writer.nextRetryMillis());
  }

  @Test
  void anEndIsKeptWithItsTimelineAndNothingElseIs() {
    Run run = born(COPIES);
    decide(run, budget(1), 70);
    assertEquals(1, journal.lastSeq());
    decide(
        run, new Note.Moved(Phase.PRECOPYING, Phase.DONE, Trigger.DROPPED, Outcome.CANCELLED), 80);
    List<Entry> entries = journal.entriesOf(ID.value(), 1, 99);
    assertEquals(
        List.of("migration.moved", Timeline.TYPE), entries.stream().map(Entry::type).toList());
    assertEquals("ops", entries.getLast().actor());
  }

  @Test
  void whatFailedIsRepeatedAfterAWhileAndNotBefore() {
    Run run = born(COPIES);
    fails(true);
    decide(run, budget(1), 1_000);
    assertEquals(List.of(Writer.Result.FAILED), results);
    assertTrue(writer.failing());
    assertEquals(1_200, writer.nextRetryMillis());
    fails(false);
    retry(1_199);
    assertEquals(1, appends);
    retry(1_200);
    assertEquals(List.of(Writer.Result.FAILED, Writer.Result.KEPT), results);
    assertFalse(writer.failing());
    assertEquals(Long.MAX_VALUE, writer.nextRetryMillis());
    assertEquals(run.migration(), onDisk(ID));
    assertEquals(run.migration().version(), run.durableVersion());
    assertEquals(List.of("1"), history(ID));
  }

  @Test
  void whatCameAfterAFailureIsRepeatedWithItAsOneChange() {
    Run run = born(COPIES);
    fails(true);
    decide(run, budget(1), 1_000);
    decide(run, budget(2), 1_050);
    assertEquals(1, appends, "it would not fit what is on disk");
    retry(1_200);
    assertEquals(1_400, writer.nextRetryMillis());
    decide(run, budget(3), 1_300);
    fails(false);
    retry(1_400);
    assertEquals(3, appends);
    assertEquals(List.of("1", "2", "3"), history(ID));
    assertEquals(2, journal.row(ID.value()).orElseThrow().version());
    assertEquals(run.migration(), onDisk(ID));
    decide(run, budget(4), 1_500);
    assertEquals(run.migration(), onDisk(ID));
  }

  /** The second does not fit, since the first is not there: nobody else wrote. */
  @Test
  void aWriteThatFollowedOneThatFailedIsNotLost() {
    Run run = born(COPIES);
    journal.hold();
    decide(run, budget(1), 1_000);
    decide(run, budget(2), 1_010);
    var fault = new JournalFault(JournalFault.Code.WRITE_FAILED, "the test");
    journal.failing(change -> isOf(change, 1) ? Optional.of(fault) : Optional.empty());
    journal.release();
    work();
    assertEquals(List.of(Writer.Result.FAILED, Writer.Result.FAILED), results);
    fails(false);
    retry(1_200);
    assertEquals(Writer.Result.KEPT, results.getLast());
    assertEquals(List.of("1", "2"), history(ID));
  }

  private static boolean isOf(Change change, long budget) {
    NewEntry first = change.entries().getFirst();
    return first.data().contains("\"millis\":" + budget);
  }

  @Test
  void whatAnotherWroteMeanwhileIsHis() {
    Run run = born(COPIES);
    put(takenOver(COPIES, "other", 2));
    decide(run, budget(1), 1_000);
    assertEquals(List.of(Writer.Result.LOST), results);
    assertFalse(writer.failing());
    assertEquals(new Term("other", 2), holder(ID));
  }

  @Test
  void whatAnotherWroteWhileTheJournalFailedIsHis() {
    Run run = born(COPIES);
    fails(true);
    decide(run, budget(1), 1_000);
    fails(false);
    put(takenOver(COPIES, "other", 2));
    retry(1_200);
    assertEquals(Writer.Result.LOST, results.getLast());
    assertFalse(writer.failing());
    assertEquals(new Term("other", 2), holder(ID));
    assertEquals(Long.MAX_VALUE, writer.nextRetryMillis());
  }

  /** Whether a write that failed is on disk is not known until it is read. */
  @Test
  void whatWasSaidToHaveFailedAndIsOnDiskIsGoneOnFrom() {
    Run run = born(COPIES);
    fails(true);
    decide(run, budget(1), 1_000);
    fails(false);
    put(run.migration());
    decide(run, budget(2), 1_100);
    retry(1_200);
    assertEquals(Writer.Result.KEPT, results.getLast());
    assertEquals(3, journal.row(ID.value()).orElseThrow().version());
    assertEquals(run.migration(), onDisk(ID));
  }

  private static Migration takenOver(Migration m, String owner, long term) {
    return m.with(List.of(new Note.TakenOver(new Epoch(term, owner))), 1);
  }

  private Term holder(MigrationId id) {
    return Term.of(journal.row(id.value()).orElseThrow());
  }

  /** The row still has its dead owner's name, and nobody but him can have written it. */
  @Test
  void aTakeOverThatFailedIsRepeatedOverTheDeadOwnersRow() {
    Migration died = takenOver(COPIES, "died", 4);
    Run run = born(died);
    fails(true);
    decide(run, new Note.TakenOver(new Epoch(5, "me")), 1_000);
    fails(false);
    retry(1_200);
    assertEquals(Writer.Result.KEPT, results.getLast());
    assertEquals(new Term("me", 5), holder(ID));
  }

  @Test
  void aTakeOverThatFailedIsLostIfTheOwnerWasAliveAfterAll() {
    Migration slow = takenOver(COPIES, "slow", 4);
    Run run = born(slow);
    fails(true);
    decide(run, new Note.TakenOver(new Epoch(5, "me")), 1_000);
    fails(false);
    put(slow.with(List.of(budget(1)), 1_100));
    retry(1_200);
    assertEquals(Writer.Result.LOST, results.getLast());
    assertEquals(new Term("slow", 4), holder(ID));
  }

  /** A journal that was restored counts through the same versions again. */
  @Test
  void aTakeOverThatFailedIsLostIfTheRowIsAnothersAtTheSameVersion() {
    Run run = new Run(takenOver(COPIES, "died", 4), 1);
    put(takenOver(COPIES, "other", 5));
    fails(true);
    decide(run, new Note.TakenOver(new Epoch(5, "me")), 1_000);
    fails(false);
    retry(1_200);
    assertEquals(Writer.Result.LOST, results.getLast());
    assertEquals(new Term("other", 5), holder(ID));
  }

  @Test
  void whatIsNotOnDiskAtAllIsWrittenAnew() {
    Run run = new Run(COPIES, 1);
    fails(true);
    decide(run, budget(1), 1_000);
    fails(false);
    retry(1_200);
    assertEquals(Writer.Result.KEPT, results.getLast());
    assertEquals(1, journal.row(ID.value()).orElseThrow().version());
    assertEquals(run.migration(), onDisk(ID));
  }

  @Test
  void eachThatFailedIsRepeated() {
    Run first = born(COPIES);
    Run second = born(Orders.queued("m0000002", new Epoch(1, "me")));
    fails(true);
    decide(first, budget(1), 1_000);
    decide(second, budget(2), 1_010);
    assertEquals(1_200, writer.nextRetryMillis(), "the first one's time");
    fails(false);
    retry(1_200);
    assertEquals(first.migration(), onDisk(ID));
    assertEquals(second.migration(), onDisk(second.migration().id()));
    assertEquals(List.of("2"), history(second.migration().id()));
  }

  @Test
  void aJournalThatHangsIsAskedForEachRowOnce() {
    reading.readOn(questions::add);
    Run first = born(COPIES);
    Run second = born(Orders.queued("m0000002", new Epoch(1, "me")));
    fails(true);
    decide(first, budget(1), 1_000);
    retry(1_200);
    assertEquals(1, questions.size());
    assertEquals(Long.MAX_VALUE, writer.nextRetryMillis(), "the answer is waited for");
    decide(second, budget(2), 1_300);
    retry(1_500);
    assertEquals(2, questions.size(), "the second's, and the first's not again");
    fails(false);
    questions.forEach(Runnable::run);
    work();
    assertFalse(writer.failing());
    assertEquals(first.migration(), onDisk(ID));
  }

  @Test
  void aRowThatCannotBeReadIsAskedForAgainAfterAWhile() {
    Run run = born(COPIES);
    fails(true);
    decide(run, budget(1), 1_000);
    reads = JournalFault.Code.READ_FAILED;
    retry(1_200);
    assertTrue(writer.failing());
    assertEquals(1_400, writer.nextRetryMillis());
    reads = null;
    fails(false);
    retry(1_400);
    assertEquals(Writer.Result.KEPT, results.getLast());
  }
}
