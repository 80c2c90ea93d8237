package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Migrations.Happening;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What callers may ask of a migration in each phase, and what they are told. */
class MigrationCommandsTest implements Given.Hosts, Agents {
  private static final MigrationId ID = Orders.ID;

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.fixed(Instant.EPOCH), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Request> sent = new ArrayList<>();
  private long now = 2;
  private final MigrationLoop loop;
  private final JournaledMigrations migrations;

  MigrationCommandsTest() {
    Moment moment = Given.moment(() -> now);
    var world = new MigrationLoop.World(journal, this, this, moment, tasks::add, "o1");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    migrations = new JournaledMigrations(loop, journal, new SplittableRandom(1));
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private <T> T done(CompletableFuture<T> asked) {
    work();
    assertTrue(asked.isDone(), "it is answered");
    return asked.join();
  }

  private void keep(Migration m) {
    journal.append(new Change(List.of(), new RowWrite(Writer.row(m, 1, 0), 0), null)).join();
  }

  private void open(Phase phase) {
    Evidence ready = new Evidence(Scene.READY, null, null, null);
    Evidence evidence = phase == Phase.SEALING ? ready : Evidence.NONE;
    keep(Orders.in(phase, evidence, phase.dark() ? Scene.STOP : null));
    migrations.recover();
    work();
  }

  private Migration known() {
    var found = new CompletableFuture<Optional<Live>>();
    tasks.add(() -> found.complete(loop.run(ID).map(loop::live)));
    work();
    return found.join().orElseThrow().migration();
  }

  private Result.Taken taken(CompletableFuture<Result> asked) {
    return assertInstanceOf(Result.Taken.class, done(asked));
  }

  private Reason refused(CompletableFuture<Result> asked) {
    return assertInstanceOf(Result.Conflict.class, done(asked)).reason();
  }

  @TestFactory
  Stream<DynamicTest> whereAnAbortComesTooLateItSaysWhatToDo() {
    return Map.of(
            Phase.RESUMING, Reason.PAST_COMMIT,
            Phase.CLEANING, Reason.PAST_COMMIT,
            Phase.NEEDS_OPERATOR, Reason.USE_RESOLVE)
        .entrySet()
        .stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey().name(),
                () -> {
                  var fresh = new MigrationCommandsTest();
                  fresh.open(each.getKey());
                  var asked = fresh.migrations.abort(ID, "ops", "why");
                  assertEquals(each.getValue(), fresh.refused(asked));
                  assertNull(fresh.known().abort());
                }));
  }

  @Test
  void anAbortIsKeptOnceWithItsReason() {
    open(Phase.PRECOPYING);
    assertFalse(taken(migrations.abort(ID, "ops", "not needed")).replayed());
    Migration.Wish wish = known().abort();
    assertNotNull(wish);
    assertEquals("ops: not needed", wish.actor() + ": " + wish.reason());
    assertTrue(taken(migrations.abort(ID, "other", "again")).replayed());
    assertEquals(wish, known().abort());
  }

  /** Agents may know that it has started: until they have spoken it is not cancelled. */
  @Test
  void anAbortThatIsNotActedUponYetIsKeptOnce() {
    loop.clearance(
        new Clearance() {
          @Override
          public Optional<String> keepsBack(Run waiting) {
            return Optional.of("host-b to say what it remembers");
          }
        });
    open(Phase.QUEUED);
    assertFalse(taken(migrations.abort(ID, "ops", "not needed")).replayed());
    assertEquals(Phase.QUEUED, known().phase());
    assertTrue(taken(migrations.abort(ID, "other", "again")).replayed());
    assertEquals("ops", known().abort().actor());
  }

  @Test
  void anAbortOfWhatGoesBackAlreadyChangesNothing() {
    open(Phase.ROLLING_BACK);
    assertFalse(taken(migrations.abort(ID, "ops", "why")).replayed());
    assertNull(known().abort());
  }

  @Test
  void aSwitchoverIsAskedForInPreCopyOnly() {
    open(Phase.PRECOPYING);
    assertFalse(taken(migrations.switchover(ID, "ops")).replayed());
    assertTrue(known().switchover());
    var other = new MigrationCommandsTest();
    other.open(Phase.PREPARING);
    assertEquals(Reason.NOT_NOW, other.refused(other.migrations.switchover(ID, "ops")));
    assertFalse(other.known().switchover());
  }

  @Test
  void budgetAndBandwidthAreSetUntilTheSeal() {
    open(Phase.COPYING);
    taken(migrations.budget(ID, "ops", 700));
    assertEquals(700, known().order().blackoutBudgetMillis());
    taken(migrations.bandwidth(ID, "ops", 1 << 20));
    assertEquals(1L << 20, loop.run(ID).orElseThrow().bandwidth());
    assertTrue(migrations.history(ID, 0, 100).stream().anyMatch(h -> h.data().contains("1048576")));
    for (Phase late : List.of(Phase.SEALING, Phase.RESUMING)) {
      var other = new MigrationCommandsTest();
      other.open(late);
      assertEquals(late, other.known().phase());
      assertEquals(Reason.PAST_COMMIT, other.refused(other.migrations.budget(ID, "ops", 700)));
      assertEquals(0, other.known().order().blackoutBudgetMillis());
      assertEquals(Reason.PAST_COMMIT, other.refused(other.migrations.bandwidth(ID, "ops", 9)));
      assertNull(other.loop.run(ID).orElseThrow().bandwidth());
    }
  }

  @Test
  void anotherPriorityIsForWhoWaits() {
    open(Phase.PRECOPYING);
    assertEquals(Reason.NOT_NOW, refused(migrations.priority(ID, "ops", Priority.SYSTEM)));
    var other = new MigrationCommandsTest();
    other.keep(Orders.in(Phase.QUEUED, Evidence.NONE, null));
    other.migrations.recover();
    var asked = other.migrations.priority(ID, "ops", Priority.EMERGENCY); // before it may start
    assertFalse(other.taken(asked).replayed());
    String kept = other.journal.row(ID.value()).orElseThrow().data();
    assertEquals(Priority.EMERGENCY.word(), MigrationJson.migration(kept).order().priority());
  }

  @Test
  void whatIsOverOrUnknownOrAnothersTakesNoCommand() {
    var unknown =
        assertInstanceOf(Result.Unavailable.class, done(migrations.abort(ID, "ops", "why")));
    assertEquals("no migration " + ID, unknown.detail());
    keep(Orders.in(Phase.PRECOPYING, Evidence.NONE, null)); // and nobody here took it up
    assertInstanceOf(Result.Elsewhere.class, done(migrations.abort(ID, "ops", "why")));
  }

  @Test
  void aRequestUnderItsKeyIsAnsweredOnceAndForItAlone() {
    Migrations.Key key = new Migrations.Key("k", "hash");
    assertEquals(Optional.empty(), migrations.answered(key));
    Migration first = taken(migrations.submit(submission(key))).migration();
    Result again = migrations.answered(key).orElseThrow();
    assertEquals(first.id(), assertInstanceOf(Result.Taken.class, again).migration().id());
    assertTrue(((Result.Taken) again).replayed());
    var twice = taken(migrations.submit(submission(key)));
    assertEquals(first.id(), twice.migration().id());
    assertTrue(twice.replayed());
    Migrations.Key other = new Migrations.Key("k", "another");
    assertInstanceOf(Result.KeyReused.class, migrations.answered(other).orElseThrow());
    assertInstanceOf(Result.KeyReused.class, done(migrations.submit(submission(other))));
    assertEquals(1, journal.rowsByPrefix("", 10).size());
  }

  private static Migrations.Submission submission(Migrations.Key key) {
    return new Migrations.Submission(Orders.order(1, false, 0), "ops", "api", 1, null, key);
  }

  /** Else a burst of orders would pass the limit while the disk takes its time. */
  @Test
  void whatIsBeingBornHasItsPlaceInTheQueue() {
    int much = Limits.MOST;
    var limits = new Limits(much, much, much, much, much, 1);
    tasks.add(() -> loop.doorkeeper().limits(limits, 0, "ops", new CompletableFuture<>()));
    work();
    var first = migrations.submit(submission(null));
    var second = migrations.submit(submission(null));
    assertInstanceOf(Result.QueueFull.class, done(second));
    taken(first);
  }

  @Test
  void aBirthThatTheJournalRefusesIsNoMigration() {
    journal.failing(change -> fault(JournalFault.Code.QUEUE_FULL));
    var told =
        assertInstanceOf(Result.Unavailable.class, done(migrations.submit(submission(null))));
    assertTrue(told.detail().contains("the disk"), told.detail());
    journal.failing(change -> fault(JournalFault.Code.WRITE_FAILED));
    assertInstanceOf(Result.Unavailable.class, done(migrations.submit(submission(null))));
    assertTrue(loop.open().isEmpty());
  }

  private static Optional<JournalFault> fault(JournalFault.Code code) {
    return Optional.of(new JournalFault(code, "the disk"));
  }

  @Test
  void thePagesOfAListFollowEachOther() {
    for (int i = 1; i <= 3; i++) {
      keep(Orders.queued("m000000" + i, loop.firstEpoch()));
    }
    var any = new Migrations.Filter(null, null, null, null, null, null);
    Migrations.Page first = inLoop(() -> migrations.list(any, null, 2));
    assertEquals(2, first.items().size());
    assertNotNull(first.cursor());
    Migrations.Page second = inLoop(() -> migrations.list(any, first.cursor(), 2));
    assertEquals(1, second.items().size());
    assertNull(second.cursor());
    Migrations.Page whole = inLoop(() -> migrations.list(any, null, 3));
    assertEquals(3, whole.items().size());
    assertNull(whole.cursor(), "there is nothing after it");
    assertEquals(
        List.of("m0000001", "m0000002"),
        migrations.idsStartingWith("m00", 2).stream().map(MigrationId::value).toList());
  }

  /** A question that waits for the loop, which this thread is: its tasks run meanwhile. */
  private <T> T inLoop(Supplier<T> question) {
    CompletableFuture<T> asked = CompletableFuture.supplyAsync(question);
    while (!asked.isDone()) {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      } else {
        Thread.onSpinWait();
      }
    }
    return asked.join();
  }

  @Test
  void followersHearWhatIsDurableUntilTheyGo() throws Exception {
    List<Happening> heard = new ArrayList<>();
    AutoCloseable following = migrations.follow(heard::add);
    taken(migrations.submit(submission(null)));
    assertEquals("migration.submitted", heard.getFirst().type());
    int before = heard.size();
    following.close();
    taken(migrations.submit(submission(null)));
    assertEquals(before, heard.size());
  }

  @Test
  void whoWaitsForAChangeIsToldOfOneOrThatTheTimeIsOver() {
    open(Phase.PRECOPYING);
    long version = known().version();
    CompletableFuture<Void> changed = migrations.changed(ID, version, 1_000);
    work();
    assertFalse(changed.isDone());
    assertTrue(loop.nextWakeMillis() <= now + 1_000);
    taken(migrations.abort(ID, "ops", "why"));
    assertTrue(changed.isDone());
    long later = known().version();
    CompletableFuture<Void> patience = migrations.changed(ID, later, 1);
    work();
    now += 1;
    loop.tick();
    work();
    assertTrue(patience.isDone());
    assertTrue(sent.size() > 0, "its agents are asked");
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    sent.add(request);
  }

  @Override
  public List<HostView> hosts() {
    return Stream.of("host-a", "host-b")
        .map(name -> Given.host(new HostName(name), AgentState.READY))
        .toList();
  }
}
