package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Goal;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Rehearsal;
import io.fermata.migration.Migrations.Result;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** An operator decides in two steps, in the same words and about one version, and facts win. */
class ResolutionsTest implements Given.Hosts {
  private static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);
  private static final Resolution KEEP = new Resolution(Side.SOURCE, WORD);
  private static final Migration PARKED =
      Orders.in(Phase.NEEDS_OPERATOR, Evidence.NONE, Scene.STOP);

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final MigrationLoop loop;
  private final Resolutions resolutions;
  private List<String> inventory = List.of("host-a", "host-b");
  private int words;

  ResolutionsTest() {
    Agents silent = (host, request, timeout, then) -> {};
    var world =
        new MigrationLoop.World(journal, silent, this, Given.moment(() -> 2), tasks::add, "me");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    resolutions = new Resolutions(loop, () -> "word" + ++words);
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private Run open(Migration m) {
    put(m, 1);
    loop.recover(journal.open());
    work();
    return loop.run(m.id()).orElseThrow();
  }

  /** A parked one whose source has sealed, and whose destination says nothing. */
  private Run parked() {
    Run run = open(PARKED);
    says(run, Side.SOURCE, Goal.COPYING, Scene.SEAL);
    return run;
  }

  private void put(Migration m, long version) {
    var write = new RowWrite(Writer.row(m, version, 0), version - 1);
    journal.append(new Change(List.of(), write, null)).join();
  }

  private static void says(Run run, Side side, Goal goal, Receipt... receipts) {
    var report =
        Scene.report(
            side, Standing.OPEN, goal, Progress.REACHED, Scene.STOP, List.of(), List.of(receipts));
    run.on(side)
        .answered(
            new Request.Renew(new Header(Orders.ID, new Epoch(1, "me"), 0, 0)),
            new Answer(null, report, "agent", 0, 0),
            new SideRun.Moment(0, 0),
            Terms.usual());
  }

  private Result impossible(Run run, Resolution resolution) {
    Rehearsal rehearsal = resolutions.rehearse(run, resolution);
    return assertInstanceOf(Rehearsal.Impossible.class, rehearsal).why();
  }

  private Rehearsal.Possible possible(Run run) {
    return assertInstanceOf(Rehearsal.Possible.class, resolutions.rehearse(run, KEEP));
  }

  private CompletableFuture<Result> resolve(Run run, Resolution resolution, String confirm) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    resolutions.resolve(run, resolution, run.migration().version(), confirm, result);
    return result;
  }

  /** What it was answered; whoever is not answered waits for ever. */
  private Result told(CompletableFuture<Result> asked) {
    work();
    assertTrue(asked.isDone(), "it is answered");
    return asked.join();
  }

  @Test
  void aDryRunSaysWhatWouldBeDoneAndChangesNothing() {
    Run run = parked();
    Rehearsal.Possible possible = possible(run);
    assertEquals("word1", possible.confirm());
    assertEquals(run.migration(), possible.migration());
    assertNull(possible.ruling().objection());
    assertFalse(possible.ruling().effects().isEmpty());
    assertNull(run.migration().resolution());
  }

  @Test
  void whatWasRehearsedIsTakenOnceItIsOnDiskInTheOperatorsName() {
    Run run = parked();
    String confirm = possible(run).confirm();
    journal.hold();
    var later = new Testimony("ops", WORD.evidence(), WORD.reason(), WORD.givenMillis() + 60_000);
    CompletableFuture<Result> result = resolve(run, new Resolution(Side.SOURCE, later), confirm);
    work();
    assertFalse(result.isDone());
    journal.release();
    Migration taken = assertInstanceOf(Result.Taken.class, told(result)).migration();
    assertEquals(later, taken.resolution().word(), "as it was said last");
    var entry = journal.entriesAfter(0, 99, "migration.operator-decided").getFirst();
    assertEquals("ops", entry.actor());
  }

  @TestFactory
  Stream<DynamicTest> anotherWordIsAnotherDecision() {
    return Stream.of(
            new Resolution(Side.DESTINATION, WORD),
            new Resolution(Side.SOURCE, new Testimony("other", "BMC-off-1842", "rack burnt", 7)),
            new Resolution(Side.SOURCE, new Testimony("ops", "a guess", "rack burnt", 7)),
            new Resolution(Side.SOURCE, new Testimony("ops", "BMC-off-1842", "haste", 7)))
        .map(each ->
            DynamicTest.dynamicTest(
                each.toString(), () -> new ResolutionsTest().doesNotConfirm(each)));
  }

  private void doesNotConfirm(Resolution other) {
    Run run = parked();
    String confirm = possible(run).confirm();
    assertInstanceOf(Result.Unconfirmed.class, told(resolve(run, other, confirm)));
    assertNull(run.migration().resolution());
  }

  @Test
  void onlyTheLastDryRunOfThePresentVersionConfirms() {
    Run run = parked();
    assertInstanceOf(Result.Unconfirmed.class, told(resolve(run, KEEP, "word1")));
    String first = possible(run).confirm();
    String second = possible(run).confirm();
    assertInstanceOf(Result.Unconfirmed.class, told(resolve(run, KEEP, first)));
    loop.wish(run, new Note.BudgetSet("ops", 5), "ops");
    work();
    assertInstanceOf(Result.Unconfirmed.class, told(resolve(run, KEEP, second)));
    CompletableFuture<Result> older = new CompletableFuture<>();
    resolutions.resolve(run, KEEP, run.migration().version() - 1, second, older);
    assertEquals(new Result.Outdated(run.migration()), told(older));
  }

  @Test
  void theLostHostThatSpokeSinceTheDryRunIsHeard() {
    Run run = parked();
    String confirm = possible(run).confirm();
    says(run, Side.DESTINATION, Goal.RUNNING, Scene.STARTED);
    Result result = told(resolve(run, KEEP, confirm));
    Ruling.Objection objection = assertInstanceOf(Result.Objected.class, result).objection();
    assertEquals(Ruling.Ground.CONTRADICTED, objection.ground());
    assertEquals("host-b", objection.host());
    assertNull(run.migration().resolution());
    assertEquals(new Result.Objected(run.migration(), objection), impossible(run, KEEP));
  }

  /** Nobody would carry it out, and what the host knows stays unheard. */
  @Test
  void nothingIsRehearsedNorDecidedWhileAHostIsNotInTheInventory() {
    Run run = parked();
    String confirm = possible(run).confirm();
    inventory = List.of("host-a");
    var conflict = new Result.Conflict(run.migration(), Reason.NOT_NOW);
    assertEquals(conflict, impossible(run, KEEP));
    assertEquals(conflict, told(resolve(run, KEEP, confirm)));
    assertNull(run.migration().resolution());
  }

  @TestFactory
  Stream<DynamicTest> onlyWhatIsParkedAndUndecidedIsDecided() {
    var ended =
        new Note.Moved(Phase.NEEDS_OPERATOR, Phase.DONE, Trigger.RESOLVED, Outcome.RESOLVED);
    record Case(Migration migration, Reason reason) {}
    return Stream.of(
            new Case(Orders.in(Phase.COPYING, Evidence.NONE, Scene.STOP), Reason.NOT_PARKED),
            new Case(PARKED.with(List.of(ended), 5), Reason.ENDED),
            new Case(
                PARKED.with(List.of(new Note.OperatorDecided(KEEP)), 5), Reason.RESOLVED_ALREADY))
        .map(each ->
            DynamicTest.dynamicTest(
                each.reason().name(),
                () -> {
                  Run run = new Run(each.migration(), 1);
                  var conflict = new Result.Conflict(each.migration(), each.reason());
                  assertEquals(conflict, impossible(run, KEEP));
                  assertEquals(conflict, told(resolve(run, KEEP, "word1")));
                }));
  }

  @Test
  void aDecisionAboutWhatAnotherTookOverIsNotTaken() {
    Run run = parked();
    String confirm = possible(run).confirm();
    put(PARKED.with(List.of(new Note.TakenOver(new Epoch(9, "other"))), 5), 3);
    CompletableFuture<Result> result = resolve(run, KEEP, confirm);
    assertEquals(
        new Result.Unavailable("another orchestrator drives it now; look again"), told(result));
  }

  @Override
  public List<HostView> hosts() {
    return inventory.stream()
        .map(name -> Given.host(new HostName(name), AgentState.READY))
        .toList();
  }
}
