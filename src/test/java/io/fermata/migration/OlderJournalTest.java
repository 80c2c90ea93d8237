package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.migration.JournaledRecovery.Mode;
import io.fermata.migration.Recovery.Acceptance;
import io.fermata.migration.Recovery.Result;
import io.fermata.migration.Recovery.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A journal that knows less than the agents: what is shown, who may accept what, what begins. */
class OlderJournalTest implements Given.Hosts, Agents {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");
  private static final long ANSWER_MILLIS = 1_000;
  private static final long SPARE_MILLIS = 500;
  private static final long RETRY_MILLIS = 2_000;
  private static final long SILENCE_MILLIS = 10_000;
  private static final Migration KEPT = Orders.queued("m0000008", new Epoch(1, "o1"));

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Map<HostName, AgentState> states = new TreeMap<>();
  private final Map<HostName, List<Remembered>> remembered = new TreeMap<>();
  private final List<HostName> mute = new ArrayList<>();
  private final List<Runnable> late = new ArrayList<>();
  private Executor reading = Runnable::run;
  private boolean unreadable;
  private final List<String> asked = new ArrayList<>();
  private final MigrationLoop loop;
  private JournaledRecovery recovery;
  private long now = 1_000_000;

  OlderJournalTest() {
    Moment moment = Given.moment(() -> now);
    var world = new MigrationLoop.World(journal, this, this, moment, tasks::add, "o2");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    for (HostName host : List.of(A, B)) {
      states.put(host, AgentState.READY);
      remembered.put(host, List.of());
    }
  }

  private void start(Mode mode) {
    made(mode);
    recovery.readOn(reading);
    recovery.start(loop::recover);
    work();
  }

  private void made(Mode mode) {
    var settings = new JournaledRecovery.Settings(mode, ANSWER_MILLIS, SILENCE_MILLIS);
    Journal read = Given.told(journal, this::reads);
    recovery = new JournaledRecovery(loop, read, this::memory, this, settings);
  }

  private void reads(String what) {
    if (what.equals("rows") && unreadable) {
      throw new JournalFault(JournalFault.Code.READ_FAILED, "the disk is gone");
    }
  }

  private void memory(HostName host, long millis, Consumer<Memories.Word> then) {
    assertEquals(ANSWER_MILLIS, millis);
    Runnable tells = () -> then.accept(new Memories.Word.Told(remembered.get(host)));
    if (mute.contains(host)) {
      late.add(tells);
    } else {
      tells.run();
    }
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void pass(long millis) {
    now += millis;
    loop.tick();
    work();
  }

  private void only(HostName self) {
    remember(self, Orders.ID.value());
  }

  /** That host has a claim of a migration, in an epoch that the journal never gave. */
  private void remember(HostName self, String id) {
    boolean source = self.equals(A);
    var pair = new DevicePair(new DeviceName("d0"), new DeviceName("d0"));
    var claim =
        new Remembered(
            new MigrationId(id),
            source ? Side.SOURCE : Side.DESTINATION,
            new Epoch(3, "o1"),
            Standing.OPEN,
            "vm-" + id,
            List.of(pair),
            self,
            source ? B : A,
            null,
            List.of());
    remembered.put(self, List.of(claim));
  }

  private void keep(Migration m) {
    journal.append(new Change(List.of(), new RowWrite(Writer.row(m, 1, 0), 0), null)).join();
  }

  private CompletableFuture<Result> accept(long version, boolean withoutSilent) {
    var result = recovery.accept(new Acceptance("ops", "restored", version, withoutSilent));
    work();
    return result;
  }

  private Recovery.Host shown(HostName name) {
    return recovery.view().hosts().stream()
        .filter(h -> h.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatTheAgentsKnowMoreWaitsForAWordAndNothingIsDrivenBefore() {
    keep(KEPT);
    only(A);
    start(Mode.COMPARE);
    Recovery.View view = recovery.view();
    assertEquals(State.QUARANTINE, view.state());
    assertTrue(view.waits());
    assertEquals(now, view.since());
    assertEquals(1, view.findings().size());
    assertEquals(new Recovery.Host(A, null, 1, 1), shown(A));
    assertEquals(new Recovery.Host(B, null, 0, 0), shown(B));
    assertEquals(A, view.hosts().getFirst().name(), "in the order of their names");
    assertFalse(recovery.begun());
    assertTrue(loop.open().isEmpty());
    var migrations = new JournaledMigrations(loop, journal, new SplittableRandom(1));
    var order = new Migrations.Submission(KEPT.order(), "ops", "api", 1, null, null);
    var refused = migrations.submit(order);
    work();
    assertInstanceOf(Migrations.Result.Unavailable.class, refused.join());
    pass(RETRY_MILLIS);
    assertEquals(view.version(), recovery.view().version(), "the same is found again");
    assertEquals(view.since(), recovery.view().since());
  }

  @Test
  void acceptedItIsImportedAboveItsEpochsAndAllThatIsOpenIsDriven() {
    keep(KEPT);
    only(A);
    start(Mode.COMPARE);
    Result result = accept(recovery.view().version(), false).join();
    var done = assertInstanceOf(Result.Done.class, result);
    assertEquals(1, done.imported());
    assertEquals(State.OPEN, done.view().state());
    assertTrue(recovery.begun());
    Migration imported = loop.run(Orders.ID).orElseThrow().migration();
    assertTrue(imported.epoch().number() > 3, () -> imported.epoch().toString());
    assertEquals(Phase.ROLLING_BACK, imported.phase());
    assertTrue(journal.row(Orders.ID.value()).isPresent());
    assertTrue(asked.stream().anyMatch(a -> a.startsWith("host-a")), asked::toString);
    assertEquals(
        List.of("ops"),
        journal.entriesAfter(0, 100, Imports.ACCEPTED).stream().map(e -> e.actor()).toList());
    assertInstanceOf(Result.Nothing.class, accept(done.view().version(), false).join());
  }

  @Test
  void aWordAboutAnotherViewIsNotTaken() {
    only(A);
    start(Mode.COMPARE);
    long version = recovery.view().version();
    assertTrue(version > 0);
    assertInstanceOf(Result.Outdated.class, accept(version + 1, true).join());
    only(B);
    pass(RETRY_MILLIS);
    assertInstanceOf(Result.Outdated.class, accept(version, true).join());
    assertTrue(loop.open().isEmpty());
  }

  @Test
  void hostsThatSaidNothingAreGoneWithoutOnlyWhenThatIsSaid() {
    acceptedWithoutB();
  }

  private void acceptedWithoutB() {
    states.put(B, AgentState.LOST);
    only(A);
    start(Mode.COMPARE);
    assertEquals(List.of(B), recovery.view().silent());
    long version = recovery.view().version();
    var missing = assertInstanceOf(Result.HostsMissing.class, accept(version, false).join());
    assertEquals(List.of(B), missing.hosts());
    assertFalse(recovery.begun());
    assertInstanceOf(Result.Done.class, accept(version, true).join());
    assertTrue(recovery.begun());
  }

  @Test
  void whatAHostKnowsThatWasGoneWithoutIsImportedWhenItComesBack() {
    acceptedWithoutB();
    states.put(B, AgentState.READY);
    remember(B, "m0000005");
    pass(RETRY_MILLIS);
    assertEquals(State.OPEN, recovery.view().state());
    assertTrue(loop.run(new MigrationId("m0000005")).isPresent());
    work();
    assertTrue(journal.documents("recovery").isEmpty(), "nobody is gone without any more");
  }

  /** Nobody has said that its knowledge may be taken. */
  @Test
  void aHostThatComesLaterAndKnowsMoreHoldsUpWhatIsNew() {
    states.put(B, AgentState.LOST);
    start(Mode.COMPARE);
    assertEquals(State.OPEN, recovery.view().state());
    states.put(B, AgentState.READY);
    remember(B, "m0000005");
    pass(RETRY_MILLIS);
    assertEquals(State.HELD, recovery.view().state());
    assertTrue(recovery.view().waits());
    assertTrue(recovery.begun(), "what was driven is driven on");
    Run fresh = new Run(KEPT, 1);
    assertTrue(recovery.keepsBack(fresh).orElseThrow().startsWith("somebody to accept"));
    Result result = accept(recovery.view().version(), false).join();
    assertInstanceOf(Result.Done.class, result);
    assertTrue(loop.run(new MigrationId("m0000005")).isPresent());
    assertTrue(recovery.keepsBack(fresh).isEmpty());
  }

  @Test
  void askedForAQuarantineItWaitsAlsoWhereNothingDiffers() {
    start(Mode.QUARANTINE);
    assertEquals(State.QUARANTINE, recovery.view().state());
    assertFalse(recovery.begun());
    assertInstanceOf(Result.Done.class, accept(recovery.view().version(), false).join());
    assertEquals(State.OPEN, recovery.view().state());
    assertTrue(recovery.begun());
  }

  @Test
  void whoDoesNotAnswerInTimeCountsAsSilentAndIsHeardLater() {
    mute.add(B);
    start(Mode.COMPARE);
    assertEquals(State.COMPARING, recovery.view().state());
    assertEquals(now + ANSWER_MILLIS + SPARE_MILLIS, recovery.nextMillis());
    pass(ANSWER_MILLIS + SPARE_MILLIS - 1);
    assertEquals(State.COMPARING, recovery.view().state());
    pass(1);
    assertEquals(State.OPEN, recovery.view().state());
    assertEquals("no answer in time", shown(B).silent());
    assertEquals(now + RETRY_MILLIS, recovery.nextMillis());
    mute.clear();
    pass(RETRY_MILLIS);
    assertNull(shown(B).silent());
    assertTrue(recovery.nextMillis() > now + RETRY_MILLIS, "everybody was heard");
  }

  /** The journal was not asked for what it tells: all of that would seem unknown to it. */
  @Test
  void whoAnswersAfterHisTimeWhileTheJournalIsReadCountsAsSilent() {
    List<Runnable> reads = new ArrayList<>();
    reading = reads::add;
    mute.add(B);
    remember(B, KEPT.id().value());
    start(Mode.COMPARE);
    pass(ANSWER_MILLIS + SPARE_MILLIS);
    late.forEach(Runnable::run);
    work();
    reads.forEach(Runnable::run);
    work();
    assertEquals(State.OPEN, recovery.view().state());
    assertEquals(List.of(), recovery.view().findings());
    assertEquals("no answer in time", shown(B).silent());
  }

  @Test
  void aJournalThatCannotBeReadIsReadAgainAfterAPause() {
    unreadable = true;
    beginsAtLast(() -> unreadable = false);
  }

  /** Somebody's word about silent hosts is part of what is read. */
  @Test
  void aWaiverThatIsTornIsReadAgainAfterAPause() {
    var torn = new Extra.Put(new Document("recovery", "waived", 1, "{\"hosts\":"), 0);
    journal.append(Change.extra(torn)).join();
    var delete = new Extra.Delete("recovery", "waived");
    beginsAtLast(() -> journal.append(Change.extra(delete)).join());
  }

  private void beginsAtLast(Runnable repaired) {
    start(Mode.COMPARE);
    assertFalse(recovery.begun());
    assertEquals(now + RETRY_MILLIS, recovery.nextMillis());
    pass(RETRY_MILLIS);
    assertFalse(recovery.begun(), "it is as it was");
    repaired.run();
    pass(RETRY_MILLIS - 1);
    assertFalse(recovery.begun());
    pass(1);
    assertTrue(recovery.begun());
  }

  /** The loop's thread would turn without a pause. */
  @Test
  void beforeItIsSaidWhatBeginsNothingIsDue() {
    made(Mode.COMPARE);
    assertEquals(Long.MAX_VALUE, recovery.nextMillis());
  }

  @Test
  void whoIsInterruptedWhileHeWaitsForTheFirstRoundStaysInterrupted() {
    made(Mode.COMPARE);
    Thread.currentThread().interrupt();
    recovery.awaitFirst(Duration.ofDays(1));
    assertTrue(Thread.interrupted());
  }

  /** Whoever accepts without a host has to see that it is back. */
  @Test
  void aWordAboutAHostThatWasSilentThenIsNotTakenOnceItIsHeard() {
    states.put(B, AgentState.LOST);
    only(A);
    start(Mode.COMPARE);
    long version = recovery.view().version();
    states.put(B, AgentState.READY);
    pass(RETRY_MILLIS);
    assertInstanceOf(Result.Outdated.class, accept(version, true).join());
  }

  @Test
  void whatMayBeImportedWithoutAnotherWordHoldsUpWhatIsNewUntilItIsOnDisk() {
    acceptedWithoutB();
    states.put(B, AgentState.READY);
    remember(B, "m0000005");
    journal.hold();
    pass(RETRY_MILLIS);
    assertEquals(State.HELD, recovery.view().state());
    assertTrue(recovery.keepsBack(new Run(KEPT, 1)).isPresent());
    journal.release();
    work();
    assertEquals(State.OPEN, recovery.view().state());
  }

  /** It would be asked as fast as the agents answer. */
  @Test
  void anImportThatTheJournalRefusesIsTriedAgainAfterAPause() {
    acceptedWithoutB();
    states.put(B, AgentState.READY);
    remember(B, "m0000005");
    List<Change> refused = new ArrayList<>();
    journal.failing(change -> {
      refused.add(change);
      return Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk is full"));
    });
    pass(RETRY_MILLIS);
    assertEquals(1, refused.size());
    assertEquals(State.HELD, recovery.view().state());
    assertEquals(now + RETRY_MILLIS, recovery.nextMillis());
    journal.failing(change -> Optional.empty());
    pass(RETRY_MILLIS);
    assertEquals(State.OPEN, recovery.view().state());
  }

  @Test
  void whereNobodyCanBeAskedTheJournalBegins() {
    states.put(A, AgentState.LOST);
    states.put(B, AgentState.UNKNOWN);
    keep(KEPT);
    start(Mode.COMPARE);
    assertTrue(recovery.begun());
    assertTrue(loop.run(KEPT.id()).isPresent());
    assertEquals("LOST", shown(A).silent());
  }

  /** An import that the journal refuses is no import: the word has to be said again. */
  @Test
  void whatTheJournalDoesNotTakeIsSaidAndWaitsOn() {
    only(A);
    start(Mode.COMPARE);
    journal.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "a full disk")));
    long version = recovery.view().version();
    assertInstanceOf(Result.Unavailable.class, accept(version, false).join());
    assertFalse(recovery.begun());
    journal.failing(change -> Optional.empty());
    assertInstanceOf(Result.Done.class, accept(recovery.view().version(), false).join());
    assertTrue(loop.run(Orders.ID).isPresent());
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    asked.add(host + " " + request.getClass().getSimpleName());
  }

  @Override
  public List<HostView> hosts() {
    return List.of(Given.host(B, states.get(B)), Given.host(A, states.get(A)));
  }
}
