package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What the loop takes up, in which order it writes and sends, and what it hears. */
class MigrationLoopTest extends DrivenLoop {
  @Test
  void whatIsTakenUpIsAskedForOnceItsNewEpochIsDurable() {
    Row row = kept(in(Phase.PREPARING));
    journal.hold();
    loop.recover(List.of(row));
    work();
    assertEquals(List.of(), requests());
    assertFalse(run().isTakenUp());
    assertTrue(run().isFromBefore());
    loop.wish(run(), new Note.SwitchoverWished("ops"), "ops");
    work();
    assertEquals(List.of(), requests(), "agents would refuse it after another's take-over");
    journal.release();
    work();
    assertEquals(List.of("host-a ClaimSource", "host-b ClaimDestination"), requests());
    assertTrue(run().isTakenUp());
    assertEquals(new Epoch(2, "o2"), asked.getFirst().request().header().epoch());
    var entry = journal.entriesOf(ID.value(), 0, 9).getFirst();
    assertEquals("orchestrator", entry.actor());
  }

  @Test
  void whatRunsHereIsNotTakenUpAgainAndTheOthersAre() {
    takesUp(in(Phase.PREPARING));
    MigrationId other = new MigrationId("m0000002");
    Row row = journal.row(ID.value()).orElseThrow();
    loop.recover(List.of(row, kept(in(other, Phase.PREPARING, Orders.order(1, false, 0)))));
    work();
    assertEquals(new Epoch(2, "o2"), run().migration().epoch());
    assertEquals(2, loop.open().size());
  }

  @Test
  void whoIsOutrunNeverHadIt() {
    Row row = kept(in(Phase.PREPARING));
    somebodyElseWrites();
    loop.recover(List.of(row));
    work();
    assertEquals(List.of("outrun"), ends());
    assertTrue(loop.open().isEmpty());
    assertEquals(List.of(), requests());
    assertEquals(Long.MAX_VALUE, loop.nextWakeMillis());
  }

  @Test
  void whatSomebodyElseWroteIsLostWithEverythingThatWaitedForIt() {
    takesUp(in(Phase.PREPARING));
    Run mine = run();
    somebodyElseWrites();
    asked.clear();
    List<Boolean> waits = new ArrayList<>();
    loop.decided(mine, new Note.SwitchoverWished("ops"), "ops", waits::add);
    loop.decided(mine, new Note.SwitchoverWished("ops"), "ops", waits::add);
    work();
    assertEquals(List.of("lost"), ends(), "told once");
    assertEquals(List.of(false, false), waits);
    assertTrue(mine.lost());
    assertTrue(loop.open().isEmpty());
    assertEquals(List.of(), requests());
    assertEquals(Long.MAX_VALUE, loop.nextWakeMillis());
  }

  private void somebodyElseWrites() {
    Row row = journal.row(ID.value()).orElseThrow();
    Migration theirs =
        MigrationJson.migration(row.data())
            .with(List.of(new Note.TakenOver(new Epoch(7, "o7"))), now);
    var write = new RowWrite(Writer.row(theirs, row.version() + 1, now), row.version());
    journal.append(new Change(List.of(), write, null)).join();
  }

  private List<String> ends() {
    return told.stream().filter(t -> t.equals("lost") || t.equals("outrun")).toList();
  }

  @Test
  void onlyWhatAnotherTookOverIsLetGo() {
    takesUp(in(Phase.PREPARING));
    loop.letGo(List.of(held("m0000009", "o7", 9)));
    loop.letGo(List.of(held(ID.value(), "o7", 2)));
    loop.letGo(List.of(held(ID.value(), "o2", 3)));
    work();
    assertEquals(List.of(), ends());
    assertTrue(loop.run(ID).isPresent());
    loop.letGo(List.of(held(ID.value(), "o7", 3)));
    work();
    assertEquals(List.of("outrun"), ends(), "its lease was over: no conflict");
    assertTrue(loop.run(ID).isEmpty());
  }

  private static Replicas.Held held(String id, String owner, long epoch) {
    return new Replicas.Held(id, new Term(owner, epoch));
  }

  @Test
  void theGuestIsNotStoppedBeforeThatIsOnDiskAndFromThenOnNobodyWaitsForIt() {
    takesUp(in(Phase.PREPARING));
    journal.hold();
    prepared(ID);
    assertEquals(Phase.QUIESCING, phase());
    assertFalse(requests().contains("host-a Quiesce"));
    assertEquals(List.of("the journal, to write what was decided"), loop.live(run()).waiting());
    journal.release();
    work();
    assertTrue(requests().contains("host-a Quiesce"));
    assertTrue(told.contains("became m0000001 PREPARING QUIESCING"));
    assertTrue(told.contains("kept m0000001 QUIESCING seen"));
    journal.hold();
    answers(Request.Quiesce.class, "host-a", Goal.QUIESCED);
    assertTrue(requests().contains("host-a Freeze"));
    answers(Request.Freeze.class, "host-a", Goal.FROZEN);
    assertTrue(requests().containsAll(List.of("host-a Copy", "host-b Load")));
    assertEquals(2, journal.held());
  }

  @Test
  void aDecisionIsActedUponOnceItIsOnDisk() {
    takesUp(in(Phase.PREPARING));
    journal.hold();
    List<Boolean> waits = new ArrayList<>();
    loop.decided(run(), new Note.SwitchoverWished("ops"), "ops", waits::add);
    prepared(ID);
    assertEquals(Phase.PREPARING, phase());
    assertEquals(List.of(), waits);
    journal.release();
    work();
    assertEquals(List.of(true), waits);
    assertEquals(Phase.QUIESCING, phase());
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenAgainInTime() {
    takesUp(in(Phase.FREEZING));
    journal.failing(change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "x")));
    loop.wish(run(), new Note.BudgetSet("ops", 5_000), "ops");
    work();
    journal.failing(change -> Optional.empty());
    now = loop.nextWakeMillis();
    loop.tick();
    work();
    Migration kept = MigrationJson.migration(journal.row(ID.value()).orElseThrow().data());
    assertEquals(5_000, kept.order().blackoutBudgetMillis());
    assertEquals(Phase.ROLLING_BACK, kept.phase());
  }

  /** A birth whose write failed may be on disk all the same. */
  @Test
  void aBirthInDoubtIsLookedForAgainUntilTheJournalAnswers() {
    loop.reading()
        .readOn(question -> {
          throw new RejectedExecutionException("nobody has time");
        });
    List<Doubts.Birth> seen = new ArrayList<>();
    loop.doubts().settle(newborn("m0000001"), now, seen::add);
    work();
    assertEquals(List.of(Doubts.Birth.UNREADABLE), seen);
    assertEquals(now + 200, loop.nextWakeMillis());
    loop.reading().readOn(Runnable::run);
    now += 200;
    loop.tick();
    work();
    assertEquals(Phase.PREPARING, phase());
  }

  /** It is stopped by the request, and that waits for the disk. */
  @Test
  void theBlackoutBeginsWhenTheRequestThatStopsTheGuestLeaves() {
    takesUp(in(Phase.PREPARING));
    journal.hold();
    prepared(ID);
    now += 70;
    journal.release();
    work();
    assertEquals(now * 1_000_000, run().entered().get(Phase.QUIESCING));
    now += 5;
    loop.wish(run(), new Note.BudgetSet("ops", 0), "ops");
    work();
    assertEquals((now - 5) * 1_000_000, run().entered().get(Phase.QUIESCING), "once");
  }

  @Test
  void anAnswerMayTakeAsLongAsItWasAskedToWaitAndTwoSecondsMore() {
    takesUp(in(Phase.PREPARING));
    Asked claim = out(ID, Request.ClaimSource.class, "host-a");
    assertEquals(TERMS.leaseMillis() / 2, claim.request().header().awaitMillis());
    assertEquals(TERMS.leaseMillis() / 2 + 2_000, claim.timeoutMillis());
  }

  @Test
  void whatIsOutIsNotAskedTwice() {
    takesUp(in(Phase.PREPARING));
    now += 10_000;
    loop.tick();
    work();
    assertEquals(List.of("host-a ClaimSource", "host-b ClaimDestination"), requests());
  }

  @Test
  void whoIsSilentIsSaidToBeAndAskedAgainAfterAPause() {
    takesUp(in(Phase.PREPARING));
    out(ID, Request.ClaimSource.class, "host-a").then().accept(new Word.Silent("refused"));
    now += 50; // the loop was busy: it heard of it when it came
    work();
    assertEquals("host-a: refused", loop.live(run()).waiting().getFirst());
    asked.clear();
    now = 1_000 + TERMS.retryMillis() - 1;
    loop.wish(run(), new Note.SwitchoverWished("ops"), "ops");
    assertEquals(List.of(), requests());
    now++;
    loop.wish(run(), new Note.SwitchoverWished("ops"), "ops");
    assertEquals(List.of("host-a ClaimSource"), requests());
  }

  @Test
  void anAnswerIsSeenWhenItComesAndNotWhenTheLoopGetsToIt() {
    takesUp(in(Phase.PREPARING));
    var answer = new Answer(null, null, "agent", 1, 2);
    out(ID, Request.ClaimSource.class, "host-a").then().accept(new Word.Answered(answer));
    now += 70;
    work();
    assertEquals(1_000L, loop.live(run()).source().seenMillis());
  }

  @Test
  void theBandwidthGoesToTheSourceWithEveryRenewalAndToNobodyElse() {
    takesUp(in(Phase.PRECOPYING));
    answers(Request.PreCopy.class, "host-a", Goal.PRE_COPY);
    run().bandwidth(77);
    now++;
    loop.wish(run(), new Note.BudgetSet("ops", 0), "ops");
    work();
    assertEquals(List.of("host-b null", "host-a 77"), renewals(), "at once");
    answers(Request.Renew.class, "host-a", Goal.PRE_COPY);
    now += TERMS.pollMillis();
    loop.tick();
    work();
    assertEquals(List.of("host-b null", "host-a 77", "host-a 77"), renewals());
  }

  private List<String> renewals() {
    return asked.stream()
        .filter(a -> a.request() instanceof Request.Renew)
        .map(a -> a.host() + " " + ((Request.Renew) a.request()).bytesPerSecond())
        .toList();
  }

  @Test
  void withoutALimitARenewalLeavesItAsItIs() {
    takesUp(in(Phase.PRECOPYING));
    answers(Request.PreCopy.class, "host-a", Goal.PRE_COPY);
    now += TERMS.pollMillis();
    loop.tick();
    work();
    assertEquals(List.of("host-b null", "host-a null"), renewals());
  }

  @Test
  void ofAHostThatLeftTheInventoryNothingIsAsked() {
    hosts = List.of("host-a");
    takesUp(in(Phase.PREPARING));
    assertEquals(List.of(), requests());
    assertEquals(Phase.PREPARING, phase());
    assertTrue(loop.ruling(run(), Side.SOURCE).isEmpty());
    hosts = List.of("host-a", "host-b");
    now += TERMS.pollMillis();
    loop.tick();
    work();
    assertEquals(List.of("host-a ClaimSource", "host-b ClaimDestination"), requests());
    assertTrue(loop.ruling(run(), Side.SOURCE).isPresent());
  }

  @Test
  void aJournalThatFailsTurnsWhatIsDarkBack() {
    takesUp(in(Phase.FREEZING));
    journal.failing(change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "x")));
    loop.wish(run(), new Note.BudgetSet("ops", 0), "ops");
    work();
    assertEquals(Phase.ROLLING_BACK, phase());
  }

  @Test
  void aPhaseThatLeadsNowhereIsAMistakeThatNamesIt() {
    lifecycle = (from, trigger) -> Optional.empty();
    loop = loop();
    kept(in(Phase.PREPARING));
    loop.recover(journal.open());
    work();
    answers(Request.ClaimSource.class, "host-a", Goal.RUNNING);
    out(ID, Request.ClaimDestination.class, "host-b");
    String words =
        assertThrows(
                IllegalStateException.class,
                () -> answers(Request.ClaimDestination.class, "host-b", Goal.STOPPED))
            .getMessage();
    assertEquals("m0000001 is in PREPARING, where PREPARED_DIRECT leads nowhere", words);
  }

  @Test
  void withoutALeaseOnlyWhatIsDarkIsDriven() {
    tenure = Tenure.leased();
    loop = loop();
    MigrationId dark = new MigrationId("m0000002");
    takesUp(in(Phase.PREPARING), in(dark, Phase.FREEZING, Orders.order(1, false, 0)));
    assertEquals(
        List.of(dark, dark, dark),
        asked.stream().map(a -> a.request().header().migration()).toList());
    asked.clear();
    tenure.renewed((now + 5_000) * 1_000_000);
    now += TERMS.pollMillis();
    loop.tick();
    work();
    assertTrue(requests().contains("host-a ClaimSource"));
  }
}
