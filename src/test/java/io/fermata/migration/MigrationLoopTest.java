package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When the loop sends, writes, wakes and lets go; agents and disk answer when the test says so. */
class MigrationLoopTest implements Given.Hosts, Agents, Onlooker {
  private static final MigrationId ID = Orders.ID;
  private static final Terms TERMS = Terms.usual();
  private static final ClaimReport.DeviceReport UNMEASURED =
      Scene.device("d0", DeviceState.PRE_COPY, null);
  private static final Limits WIDE = new Limits(9, 9, 9, 9, 9, 9);

  private record Asked(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {}

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.fixed(Instant.EPOCH), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<Asked> asked = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private List<String> hosts = List.of("host-a", "host-b");
  private Tenure tenure = Tenure.alone();
  private Limits limits = WIDE;
  private Transitions lifecycle = new Lifecycle();
  private long now = 1_000;

  /** How many milliseconds pass between two looks at the clock. */
  private long pace;

  private MigrationLoop loop = loop();

  private MigrationLoop loop() {
    Moment moment = Given.moment(() -> now += pace);
    var world =
        new MigrationLoop.World(journal, this, this, moment, tasks::add, "o2", this, tenure);
    return new MigrationLoop(world, lifecycle, TERMS, new Places.Rules(limits, 60_000));
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private Row kept(Migration m) {
    journal.append(new Change(List.of(), new RowWrite(Writer.row(m, 1, 0), 0), null)).join();
    return journal.row(m.id().value()).orElseThrow();
  }

  private void takesUp(Migration... open) {
    loop.recover(Stream.of(open).map(this::kept).toList());
    work();
  }

  private static Migration in(Phase phase) {
    return in(ID, phase, Orders.order(1, phase == Phase.PRECOPYING, 0));
  }

  /** It entered that phase, and the dark if that is dark, at 900. */
  private static Migration in(MigrationId id, Phase phase, Order order) {
    Evidence evidence =
        phase == Phase.RESUMING ? new Evidence(Scene.READY, Scene.SEAL, null, null) : Evidence.NONE;
    return new Migration(
        id,
        order,
        "token",
        1,
        null,
        "api",
        "test",
        phase,
        null,
        null,
        new Epoch(1, "o1"),
        1,
        0,
        900,
        null,
        false,
        phase.dark() ? Scene.STOP : null,
        evidence,
        List.of(),
        phase.dark() ? 900 : 0,
        null,
        null);
  }

  private Run run() {
    return loop.run(ID).orElseThrow();
  }

  private Phase phase() {
    return run().migration().phase();
  }

  private List<String> requests() {
    return asked.stream().map(a -> a.host() + " " + SideRun.name(a.request())).toList();
  }

  private Asked out(MigrationId id, Class<? extends Request> kind, String host) {
    return asked.stream()
        .filter(a -> a.request().header().migration().equals(id))
        .filter(a -> kind.isInstance(a.request()) && a.host().value().equals(host))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private void answers(Class<? extends Request> kind, String host, Goal goal) {
    answers(ID, kind, host, goal);
  }

  private void answers(MigrationId id, Class<? extends Request> kind, String host, Goal goal) {
    Side side = host.equals("host-a") ? Side.SOURCE : Side.DESTINATION;
    boolean stopped = goal != Goal.RUNNING && goal != Goal.PRE_COPY && side == Side.SOURCE;
    ClaimReport r =
        Scene.report(
            side,
            Standing.OPEN,
            goal,
            Progress.REACHED,
            stopped ? Scene.STOP : null,
            // what it has left is not known yet: it does not converge
            goal == Goal.PRE_COPY ? List.of(UNMEASURED) : List.of(),
            List.of());
    var mine =
        new ClaimReport(
            id,
            r.side(),
            r.sequence(),
            r.promised(),
            r.standing(),
            r.goal(),
            r.progress(),
            r.guest(),
            r.stop(),
            r.receipts(),
            r.devices(),
            r.hops(),
            r.hopsTotal());
    long at = now * 1_000_000;
    var answer = new Answer(null, mine, "agent of " + host, at, at);
    out(id, kind, host).then().accept(new Word.Answered(answer));
    work();
  }

  private void prepared(MigrationId id) {
    answers(id, Request.ClaimSource.class, "host-a", Goal.RUNNING);
    answers(id, Request.ClaimDestination.class, "host-b", Goal.STOPPED);
  }

  // ---- taking up ----

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

  // ---- recording and sending ----

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

  // ---- lease ----

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

  // ---- wakes ----

  @Test
  void itWakesForThePoll() {
    takesUp(in(Phase.PREPARING));
    assertEquals(1_000 + TERMS.pollMillis(), loop.nextWakeMillis());
  }

  @Test
  void itWakesAtTheDeadlineAndWhenThatIsOverAtOnce() {
    long deadline = 900 + TERMS.deadlineMillis(Phase.PREPARING);
    now = deadline - 30;
    takesUp(in(Phase.PREPARING));
    assertEquals(deadline, loop.nextWakeMillis());
    now = deadline - 1;
    loop.tick();
    work();
    assertEquals(deadline, loop.nextWakeMillis());
    now = deadline;
    loop.tick();
    work();
    assertEquals(Phase.ROLLING_BACK, phase());
  }

  @Test
  void whatIsOverdueAndStaysIsLookedAtInAMillisecond() {
    hosts = List.of();
    now = 900 + TERMS.deadlineMillis(Phase.PREPARING) + 5;
    takesUp(in(Phase.PREPARING));
    assertEquals(now + 1, loop.nextWakeMillis());
  }

  @Test
  void inTheBarrierItWakesWhenTheBudgetIsOver() {
    now = 905;
    takesUp(in(ID, Phase.FREEZING, Orders.order(1, false, 20)));
    assertEquals(921, loop.nextWakeMillis());
    assertEquals(Phase.FREEZING, phase());
    now = 921;
    loop.tick();
    work();
    assertEquals(Phase.ROLLING_BACK, phase());
  }

  @Test
  void aBudgetThatIsOverIsLookedAtInAMillisecondAndNoneWakesNobody() {
    hosts = List.of();
    now = 950;
    takesUp(in(ID, Phase.FREEZING, Orders.order(1, false, 20)));
    assertEquals(951, loop.nextWakeMillis());
    MigrationId free = new MigrationId("m0000002");
    takesUp(in(free, Phase.FREEZING, Orders.order(1, false, 0)));
    assertEquals(950 + TERMS.pollMillis(), loop.run(free).orElseThrow().wake().orElseThrow());
  }

  @Test
  void afterTheSealABudgetWakesNobody() {
    now = 905;
    takesUp(in(ID, Phase.RESUMING, Orders.order(1, false, 20)));
    assertEquals(905 + TERMS.pollMillis(), loop.nextWakeMillis());
  }

  @Test
  void whoWatchesIsToldOfAChangeOrThatHisTimeIsOver() {
    takesUp(in(Phase.PREPARING));
    List<String> seen = new ArrayList<>();
    long version = run().migration().version();
    loop.watch(ID, version, now + 20, () -> seen.add("time"));
    assertEquals(now + 20, loop.nextWakeMillis());
    loop.watch(ID, version - 1, now + 50, () -> seen.add("old"));
    assertEquals(List.of("old"), seen, "it has changed already");
    loop.watch(ID, version, now + 90, () -> seen.add("change"));
    now += 20;
    loop.tick();
    assertEquals(List.of("old", "time"), seen);
    loop.wish(run(), new Note.SwitchoverWished("ops"), "ops");
    assertEquals(List.of("old", "time", "change"), seen);
  }

  // ---- places ----

  @Test
  void aNewOneIsToldOfAndStartsOnceItHasItsPlace() {
    limits = new Limits(1, 9, 9, 9, 9, 9);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    assertEquals(2, loop.queued(), "nothing is given out before the loop turns");
    work();
    assertEquals(Phase.PREPARING, phase());
    assertEquals(1, loop.queued());
    assertEquals(List.of("began m0000001", "began m0000002"), told("began"));
    assertTrue(told.contains("gave out of 1: 1"));
    assertEquals(1, told.stream().filter(t -> t.startsWith("gave out")).count(), "once for both");
  }

  private Migration newborn(String id) {
    Migration m = in(new MigrationId(id), Phase.QUEUED, Orders.order(1, false, 0));
    Migration mine = m.with(List.of(new Note.TakenOver(loop.firstEpoch())), 1_000);
    var write = new RowWrite(Writer.row(mine, 1, 0), 0);
    journal.append(new Change(List.of(), write, null)).join();
    return mine;
  }

  private List<String> told(String word) {
    return told.stream().filter(t -> t.startsWith(word + " m")).toList();
  }

  @Test
  void whoIsKeptBackDoesNotStartUntilTheClearanceSaysSo() {
    Map<String, String> kept = new HashMap<>(Map.of("m0000001", "an agent knows more"));
    loop.clearance(
        new Clearance() {
          @Override
          public Optional<String> keepsBack(Run waiting) {
            return Optional.ofNullable(kept.get(waiting.migration().id().value()));
          }

          @Override
          public void tick(long nowMillis) {
            told.add("tick " + nowMillis);
          }

          @Override
          public long nextMillis() {
            return 1_001;
          }
        });
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    work();
    assertEquals(Phase.QUEUED, phase());
    assertEquals(List.of("an agent knows more"), loop.live(run()).waiting());
    assertEquals(1, loop.queued(), "the other one has its place");
    assertEquals(1_001, loop.nextWakeMillis());
    kept.clear();
    now++;
    loop.tick();
    assertTrue(told.contains("tick 1001"));
    loop.admit();
    work();
    assertEquals(Phase.PREPARING, phase());
  }

  @Test
  void whatHasEndedIsForgottenAndItsPlaceIsTheNextOnes() {
    limits = new Limits(1, 9, 9, 9, 9, 9);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    work();
    List<String> seen = new ArrayList<>();
    loop.watch(ID, run().migration().version(), now + 9_000, () -> seen.add("over"));
    journal.hold();
    loop.wish(run(), new Note.AbortWished(new Migration.Wish("ops", "why", now)), "ops");
    work();
    // neither agent has taken it: the way back needs to hear so
    assertTrue(loop.run(ID).isPresent());
    journal.release();
    work();
    refuse("host-a");
    refuse("host-b");
    assertTrue(loop.run(ID).isEmpty(), () -> "it is " + phase());
    assertEquals(List.of("over"), seen);
    MigrationId next = new MigrationId("m0000002");
    assertEquals(Phase.PREPARING, loop.run(next).orElseThrow().migration().phase());
    assertEquals("DONE", journal.row(ID.value()).orElseThrow().phase());
    assertTrue(told.contains("kept m0000001 DONE"));
  }

  /** Whatever is out there is answered with: there is no such claim. */
  private void refuse(String host) {
    for (Asked each : List.copyOf(asked)) {
      if (each.host().value().equals(host) && each.request().header().migration().equals(ID)) {
        var refusal = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "unknown");
        each.then().accept(new Word.Answered(new Answer(refusal, null, "agent", 1, 2)));
        work();
      }
    }
  }

  @Test
  void oneBlackoutAtATimeAndTheNextBeginsWhenItIsOver() {
    limits = new Limits(9, 9, 9, 9, 1, 9);
    loop = loop();
    MigrationId second = new MigrationId("m0000002");
    takesUp(in(Phase.PREPARING), in(second, Phase.PREPARING, Orders.order(1, false, 0)));
    prepared(ID);
    prepared(second);
    Run waiting = loop.run(second).orElseThrow();
    assertEquals(Phase.QUIESCING, phase());
    assertEquals(Phase.PREPARING, waiting.migration().phase());
    assertTrue(loop.live(waiting).waiting().getFirst().contains("held by m0000001"));
    var parts = new Migration.Blackout(1, 1, 1, 1, 1);
    loop.decided(run(), new Note.CameBack(parts), "orchestrator", done -> {});
    work();
    assertEquals(Phase.QUIESCING, waiting.migration().phase());
  }

  @Test
  void twoLoopsOverOneJournalKeepTheLimitTogether() {
    limits = new Limits(9, 9, 9, 9, 1, 9);
    loop = loop();
    loop.share(journal);
    takesUp(in(Phase.PREPARING));
    prepared(ID);
    assertEquals(Phase.QUIESCING, phase());
    loop = loop();
    loop.share(journal);
    MigrationId second = new MigrationId("m0000002");
    takesUp(in(second, Phase.PREPARING, Orders.order(1, false, 0)));
    prepared(second);
    Run waiting = loop.run(second).orElseThrow();
    assertEquals(Phase.PREPARING, waiting.migration().phase());
    assertTrue(loop.live(waiting).waiting().getFirst().contains("held by m0000001"));
  }

  @Test
  void amongManyTheQueueIsLeftAloneForAWhileAndThenItsTurnComes() {
    limits = new Limits(1, 9, 9, 9, 9, 999);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    work();
    for (int i = 2; i <= 500; i++) {
      loop.adopt(newborn("m0000%03d".formatted(i)));
    }
    pace = 10;
    tasks.remove().run(); // decides about all of them
    pace = 0;
    work();
    long before = tellings();
    loop.admit();
    work();
    assertEquals(before, tellings(), "it rests");
    now = loop.nextWakeMillis() + 100;
    loop.tick();
    work();
    assertTrue(tellings() > before);
  }

  private long tellings() {
    return told.stream().filter(t -> t.startsWith("gave out")).count();
  }

  // ---- the world ----

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    asked.add(new Asked(host, request, timeoutMillis, then));
  }

  @Override
  public List<HostView> hosts() {
    return hosts.stream().map(name -> TrafficOfTheLoopTest.host(new HostName(name))).toList();
  }

  @Override
  public void began(Migration submitted) {
    told.add("began " + submitted.id());
  }

  @Override
  public void became(Migration before, Migration after, List<Note> notes) {
    told.add("became " + after.id() + " " + before.phase() + " " + after.phase());
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    boolean seen = sides.on(Side.SOURCE).report() != null;
    told.add("kept " + durable.id() + " " + durable.phase() + (seen ? " seen" : ""));
  }

  @Override
  public void gaveOut(Limits given, Intake intake, Map<Limits.Scope, Integer> fullest) {
    told.add("gave out of " + given.cluster() + ": " + fullest.get(Limits.Scope.CLUSTER));
  }

  @Override
  public void outrun(Migration last) {
    told.add("outrun");
  }

  @Override
  public void lost(Migration last) {
    told.add("lost");
  }
}
