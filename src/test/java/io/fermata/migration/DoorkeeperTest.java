package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.Entry;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Traffic.Held;
import io.fermata.migration.Traffic.Written;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Limits and intake as the journal has them, who is let in by them, and what the others read. */
class DoorkeeperTest {
  private static final Limits FIRST = new Limits(9, 9, 9, 9, 1, 99);
  private static final Limits OTHER = new Limits(1, 9, 9, 9, 1, 99);
  private static final MigrationId ID = new MigrationId("m0000001");

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Doorkeeper one = doorkeeper(FIRST);
  private final Doorkeeper two = doorkeeper(FIRST);
  private final List<String> given = new ArrayList<>();
  private JournalFault.@Nullable Code reads;
  private int questions;

  private Doorkeeper doorkeeper(Limits first) {
    var shelf = new Shelf(Given.told(journal, this::asked), "traffic");
    return new Doorkeeper(shelf, new Places.Rules(first, 60_000), tasks::add);
  }

  private void asked(String call) {
    if (call.equals("documents")) {
      questions++;
      if (reads != null) {
        throw new JournalFault(reads, "the test");
      }
    }
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private CompletableFuture<Written<Limits>> limits(Doorkeeper of, Limits to, long version) {
    CompletableFuture<Written<Limits>> result = new CompletableFuture<>();
    of.limits(to, version, "ops", result);
    return result;
  }

  private CompletableFuture<Written<Intake>> pause(@Nullable Long expires) {
    CompletableFuture<Written<Intake>> result = new CompletableFuture<>();
    one.intake(new Intake(Intake.State.PAUSED, "OPS-1", "ops", 5, expires), "ops", result);
    work();
    return result;
  }

  private static Run at(Phase phase, Note... notes) {
    return Runs.of(Orders.in(phase, Evidence.NONE, null).with(List.of(notes), 7));
  }

  private static Places.Decided decide(Doorkeeper of, Run... runs) {
    List<Run> own = Arrays.asList(runs);
    return of.decide(own, Runs.ids(own), 10);
  }

  private void row(Migration m) {
    var write = new RowWrite(Writer.row(m, 1, 0), 0);
    journal.append(new Change(List.of(), write, null)).join();
  }

  @Test
  void whatTheConfigurationSaysHoldsUntilSomebodyChangesIt() {
    assertEquals(new Held<>(FIRST, 0), one.limits());
    assertEquals(new Held<>(Intake.OPEN, 0), one.intake());
    assertEquals(List.of(ID), decide(one, Runs.queued("m0000001")).starts());
  }

  @Test
  void limitsCountOnceTheyAreDurableAndAreOnRecord() {
    journal.hold();
    CompletableFuture<Written<Limits>> result = limits(one, OTHER, 0);
    work();
    assertFalse(result.isDone());
    assertEquals(0, one.limits().version());
    journal.release();
    work();
    assertEquals(new Written.Done<>(new Held<>(OTHER, 1)), result.getNow(null));
    assertEquals(new Held<>(OTHER, 1), one.limits());
    Entry entry = journal.entriesOf("limits", 0, 9).getFirst();
    assertEquals("limits.changed by ops", entry.type() + " by " + entry.actor());
    assertTrue(entry.data().contains("\"cluster\":1"), entry.data());
  }

  @Test
  void whoDecidedOnOlderLimitsIsToldOfTheNewOnesAndHasThemAtOnce() {
    one.loadDue(0);
    work();
    limits(two, OTHER, 0);
    CompletableFuture<Written<Limits>> late = limits(one, FIRST, 0);
    work();
    assertEquals(new Written.Outdated<>(1), late.getNow(null));
    assertEquals(0, one.limits().version());
    one.loadDue(1);
    work();
    assertEquals(new Held<>(OTHER, 1), one.limits());
  }

  @Test
  void whatTheJournalDoesNotTakeIsUnavailableAndDoesNotCount() {
    var full = new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk is full");
    journal.failing(change -> Optional.of(full));
    CompletableFuture<Written<Limits>> result = limits(one, OTHER, 0);
    work();
    assertEquals(new Written.Unavailable<>(full.getMessage()), result.getNow(null));
    assertEquals(new Held<>(FIRST, 0), one.limits());
  }

  @Test
  void aPauseTakesThePlaceOfThePauseBeforeAndIsOnRecord() {
    pause(null);
    pause(10L);
    assertEquals(2, one.intake().version());
    assertEquals(10L, one.intake().value().expiresMillis());
    assertEquals(2, journal.entriesOf("admission", 0, 9).size());
    assertEquals("admission.changed", journal.entriesOf("admission", 0, 9).getFirst().type());
  }

  @Test
  void whatOthersWroteIsReadOnceASecond() {
    limits(two, OTHER, 0);
    work();
    one.loadDue(5_000);
    assertEquals(1, questions);
    assertEquals(0, one.limits().version(), "it is the loop's to change");
    work();
    assertEquals(1, one.limits().version());
    one.loadDue(5_999);
    assertEquals(1, questions);
    one.loadDue(6_000);
    assertEquals(2, questions);
    one.loadDue(6_000);
    assertEquals(2, questions);
    one.loadDue(5_000);
    assertEquals(3, questions, "the clock was set back, for who knows how long");
  }

  @Test
  void aJournalThatHangsIsAskedOnceAndNotOnceASecond() {
    List<Runnable> hang = new ArrayList<>();
    one.readOn(hang::add);
    one.loadDue(0);
    one.loadDue(1_000);
    one.loadDue(2_000);
    assertEquals(1, hang.size());
    hang.getFirst().run();
    one.loadDue(3_000);
    assertEquals(2, hang.size());
  }

  @Test
  void aJournalThatCannotBeReadChangesNothingAndIsAskedAgain() {
    limits(two, OTHER, 0);
    work();
    reads = JournalFault.Code.READ_FAILED;
    one.loadDue(0);
    work();
    assertEquals(new Held<>(FIRST, 0), one.limits());
    reads = null;
    one.loadDue(1_000);
    work();
    assertEquals(1, one.limits().version());
  }

  /** One run, what it may do now, and what it takes. */
  private record Case(String name, Run run, String decided) {}

  private static Run with(Run run, Consumer<Run> also) {
    also.accept(run);
    return run;
  }

  @TestFactory
  Stream<DynamicTest> whatARunTakesStandsInItsPhaseAndInWhatItWasGiven() {
    Note dark = new Note.WentDark();
    Note back = new Note.CameBack(new Migration.Blackout(1, 1, 1, 1, 1));
    return Stream.of(
            new Case("waits", Runs.queued("m0000001"), "starts, place"),
            new Case("was let in", with(Runs.queued("m0000001"), Run::letStart), "place"),
            new Case("copies", at(Phase.PRECOPYING), "place"),
            new Case(
                "is ready",
                with(at(Phase.PRECOPYING), r -> r.ready(true, 5)),
                "darkens, place, dark"),
            new Case("may go dark", with(at(Phase.PRECOPYING), Run::letDarken), "place, dark"),
            new Case("is dark", at(Phase.QUIESCING, dark), "place, dark"),
            new Case("came back", at(Phase.CLEANING, dark, back), "place"),
            new Case("is parked", at(Phase.NEEDS_OPERATOR, dark), ""),
            new Case("is another's", with(Runs.queued("m0000001"), Run::lose), ""))
        .map(each ->
            DynamicTest.dynamicTest(
                each.name(), () -> assertEquals(each.decided(), takes(each.run()))));
  }

  private String takes(Run run) {
    Places.Decided decided = decide(one, run);
    Map<String, List<MigrationId>> all = new LinkedHashMap<>();
    all.put("starts", decided.starts());
    all.put("darkens", decided.darkenings());
    all.put("place", decided.use().all(Limits.Scope.CLUSTER).get(""));
    all.put("dark", decided.use().all(Limits.Scope.BLACKOUT).get(""));
    return all.entrySet().stream()
        .filter(each -> each.getValue().contains(ID))
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  @Test
  void whoHasBeenReadyLongestGoesDarkFirst() {
    Run early = Runs.ready("m0000001", 4);
    Run late = Runs.ready("m0000000", 5);
    assertEquals(List.of(ID), decide(one, late, early).darkenings());
  }

  private void give(Doorkeeper of, Places.Decided decided, Run... runs) {
    of.give(
        Arrays.asList(runs),
        decided,
        to -> given.add("starts " + to.starts() + " darkens " + to.darkenings()),
        () -> given.add("again"));
  }

  private static Places.Decided starting(MigrationId... ids) {
    return new Places.Decided(List.of(ids), List.of(), Map.of(), new Places.Tally());
  }

  private static Places.Decided darkening(MigrationId... ids) {
    return new Places.Decided(List.of(), List.of(ids), Map.of(), new Places.Tally());
  }

  @Test
  void aloneWhatIsDecidedIsGivenAtOnce() {
    journal.hold();
    give(one, starting(ID), Runs.queued("m0000001"));
    assertEquals(List.of("starts [m0000001] darkens []"), given);
    assertEquals(0, journal.held());
    assertEquals(0, one.queuedElsewhere(Set.of()));
    assertEquals(Optional.empty(), one.other(ID));
  }

  @Test
  void amongOthersWhatIsGivenIsOnDiskFirstAndIsOursAlone() {
    one.share(new SharedPlaces(journal), () -> {});
    journal.hold();
    give(one, starting(new MigrationId("m0000009"), ID), Runs.queued("m0000001"));
    work();
    assertEquals(List.of(), given);
    give(one, starting(ID), Runs.queued("m0000001"));
    assertEquals(1, journal.held(), "one after the other");
    journal.release();
    work();
    assertEquals(List.of("starts [m0000001] darkens []", "again"), given);
    give(one, darkening(ID), at(Phase.PRECOPYING));
    work();
    assertEquals("starts [] darkens [m0000001]", given.get(2));
  }

  @Test
  void whereNothingOfOursIsGivenNothingIsWritten() {
    one.share(new SharedPlaces(journal), () -> {});
    journal.hold();
    give(one, starting(new MigrationId("m0000009")), Runs.queued("m0000001"));
    assertEquals(0, journal.held());
  }

  @Test
  void aRightThatWasGivenBackIsWrittenThoughNothingIsGiven() {
    one.share(new SharedPlaces(journal), () -> {});
    give(one, darkening(ID), at(Phase.PRECOPYING));
    work();
    journal.hold();
    give(one, darkening(), at(Phase.PRECOPYING));
    assertEquals(1, journal.held());
    journal.release();
    work();
    give(one, darkening(), at(Phase.PRECOPYING));
    assertEquals(0, journal.held(), "once");
  }

  @Test
  void whoWasTooLateGivesNothingAndLooksAtOnceWhoWasQuicker() {
    Migration theirs = Orders.in(Phase.PRECOPYING, Evidence.NONE, null);
    row(theirs);
    for (Doorkeeper each : List.of(one, two)) {
      each.share(new SharedPlaces(journal), () -> {});
      each.loadDue(0);
    }
    work();
    give(two, darkening(theirs.id()), Runs.of(theirs));
    work();
    given.clear();
    Run ready = Runs.ready("m0000002", 5);
    Places.Decided first = decide(one, ready);
    assertEquals(List.of(ready.migration().id()), first.darkenings());
    give(one, first, ready);
    work();
    assertEquals(List.of(), given);
    one.loadDue(1);
    work();
    Places.Decided anew = decide(one, ready);
    assertEquals(List.of(), anew.darkenings(), "the blackout is the other's");
    assertEquals(List.of(theirs.id()), anew.waits().get(ready.migration().id()).holders());
  }

  @Test
  void whileNobodyWaitsTheOthersAreLookedAtEveryFifthTime() {
    Migration theirs = Orders.queued("m0000002", "host-a", "host-b");
    row(theirs);
    List<String> told = new ArrayList<>();
    one.share(new SharedPlaces(journal), () -> told.add("others"));
    for (int second = 0; second < 11; second++) {
      one.loadDue(second * 1_000L);
      work();
    }
    assertEquals(3, told.size());
    assertEquals(Optional.of(theirs), one.other(theirs.id()));
    assertEquals(1, one.queuedElsewhere(Set.of()));
    Doorkeeper strict = doorkeeper(OTHER);
    strict.share(new SharedPlaces(journal), () -> told.add("waits"));
    decide(strict, Runs.started("m0000001", "host-a", "host-b"), Runs.queued("m0000003"));
    for (int second = 0; second < 3; second++) {
      strict.loadDue(second * 1_000L);
      work();
    }
    assertEquals(List.of("waits", "waits", "waits"), told.subList(3, told.size()));
  }
}
