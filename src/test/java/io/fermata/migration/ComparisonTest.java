package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Remembered;
import io.fermata.journal.Row;
import io.fermata.migration.Recovery.Finding;
import io.fermata.migration.Recovery.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the agents remember beside what the journal has. */
class ComparisonTest {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");
  private static final long NOW = 5_000;
  private static final Epoch FIRST = new Epoch(1, "first");

  private static Remembered source(Epoch promised, Stop stop, String... receipts) {
    return claim(Side.SOURCE, promised, stop, receipts);
  }

  private static Remembered destination(Epoch promised, Stop stop, String... receipts) {
    return claim(Side.DESTINATION, promised, stop, receipts);
  }

  private static Remembered claim(Side side, Epoch promised, Stop stop, String... receipts) {
    boolean here = side == Side.SOURCE;
    var pair = new DevicePair(new DeviceName("gpu0"), new DeviceName("gpu1"));
    return new Remembered(
        Orders.ID,
        side,
        promised,
        Standing.OPEN,
        "vm-1",
        List.of(pair),
        here ? A : B,
        here ? B : A,
        stop,
        List.of(receipts));
  }

  /** The migration of the rows, promised to the first orchestrator. */
  private static Migration row(Phase phase, boolean dark) {
    Migration m = Orders.in(phase, Evidence.NONE, null);
    var note = new Note.Imported(FIRST, phase, dark, null, null);
    return m.with(List.of(note), 100);
  }

  private static Finding compare(Migration kept, Remembered... claims) {
    Map<HostName, List<Remembered>> told = new TreeMap<>(Map.of(A, List.of(), B, List.of()));
    for (Remembered each : claims) {
      told.put(each.self(), List.of(each));
    }
    return only(told, kept);
  }

  private static Finding only(Map<HostName, List<Remembered>> told, Migration kept) {
    Map<MigrationId, Comparison.Kept> journal =
        kept == null ? Map.of() : Map.of(kept.id(), new Comparison.Kept(kept, 7));
    List<Finding> found = Comparison.of(told, new Comparison.Journal(journal, Set.of()), NOW);
    assertEquals(1, found.size());
    return found.getFirst();
  }

  private record Case(String what, Verdict verdict, Migration kept, List<Remembered> claims) {}

  @TestFactory
  Stream<DynamicTest> onlyWhatAnOlderJournalCannotKnowIsASign() {
    Epoch taken = new Epoch(2, "second");
    Epoch rival = new Epoch(1, "another");
    return Stream.of(
            row("same epoch", Verdict.MATCHES, row(Phase.PREPARING, false), source(FIRST, null)),
            row(
                "an agent that has not heard of a take-over yet",
                Verdict.MATCHES,
                row(Phase.COPYING, true).with(List.of(new Note.TakenOver(taken)), 1),
                source(FIRST, Scene.STOP)),
            row(
                "a stop in a barrier that was entered",
                Verdict.MATCHES,
                row(Phase.QUIESCING, true),
                source(FIRST, Scene.STOP)),
            row(
                "a seal that runs ahead of the journal inside the blackout",
                Verdict.MATCHES,
                row(Phase.FREEZING, true),
                source(FIRST, Scene.STOP, "Sealed")),
            row(
                "a higher epoch",
                Verdict.AGENT_AHEAD,
                row(Phase.PREPARING, false),
                destination(taken, null)),
            row(
                "the same number of another orchestrator",
                Verdict.AGENT_AHEAD,
                row(Phase.PREPARING, false),
                source(rival, null)),
            row(
                "a claim of one that is queued",
                Verdict.AGENT_AHEAD,
                row(Phase.QUEUED, false),
                source(FIRST, null)),
            row(
                "a claim of one that is being checked",
                Verdict.AGENT_AHEAD,
                row(Phase.CHECKING, false),
                destination(FIRST, null)),
            row(
                "a stop of one that never went dark",
                Verdict.AGENT_AHEAD,
                row(Phase.PRECOPYING, false),
                source(FIRST, Scene.STOP)),
            row("no row", Verdict.UNKNOWN_TO_US, null, source(FIRST, null)))
        .map(each ->
            DynamicTest.dynamicTest(
                each.what(),
                () -> {
                  Finding found = compare(each.kept(), each.claims().toArray(Remembered[]::new));
                  assertEquals(each.verdict(), found.verdict(), found::why);
                  assertEquals(each.verdict() == Verdict.MATCHES, found.why().isEmpty());
                  assertEquals(each.verdict() == Verdict.MATCHES, found.after() == null);
                }));
  }

  private static Case row(String what, Verdict verdict, Migration kept, Remembered... claims) {
    return new Case(what, verdict, kept, List.of(claims));
  }

  /** Seed 186 of the simulator: an import that changes nothing is asked for for ever. */
  @Test
  void whatWasImportedIsNoSignAnyMore() {
    Epoch rival = new Epoch(FIRST.number(), "another");
    Epoch higher = new Epoch(9, "late");
    for (Remembered claim :
        List.of(
            source(rival, null),
            source(rival, Scene.STOP),
            source(higher, Scene.STOP, "Sealed"),
            destination(rival, null))) {
      for (Remembered other : List.of(source(FIRST, null), destination(FIRST, null))) {
        if (!other.self().equals(claim.self())) {
          Finding found = compare(row(Phase.QUEUED, false), claim, other);
          assertEquals(Verdict.AGENT_AHEAD, found.verdict());
          Finding again = compare(assertNotNullAnd(found.after()), claim, other);
          assertEquals(Verdict.MATCHES, again.verdict(), () -> claim + ": " + again.why());
        }
      }
    }
  }

  @Test
  void nothingIsImportedOverARowThatIsTorn() {
    Migration kept = row(Phase.COPYING, true);
    var torn =
        new Row(kept.id().value(), "vm", "a", "b", "COPYING", null, "me", 1, 7, 1, 1, "{\"id\":");
    var told = Map.of(A, List.of(source(new Epoch(9, "late"), Scene.STOP)));
    assertEquals(List.of(), Comparison.of(told, Comparison.read(List.of(torn)), NOW));
    assertEquals(1, Comparison.of(told, Comparison.read(List.of()), NOW).size());
  }

  @Test
  void whatIsOverIsNeverTakenUpAgain() {
    Migration ended =
        row(Phase.QUEUED, false)
            .with(
                List.of(
                    new Note.Moved(Phase.QUEUED, Phase.DONE, Trigger.DROPPED, Outcome.CANCELLED)),
                1);
    Finding found = compare(ended, source(new Epoch(9, "late"), Scene.STOP));
    assertEquals(Verdict.MATCHES, found.verdict());
    assertNull(found.after());
  }

  @Test
  void whatNobodyKnewGoesBackUnderAnEpochThatIsAboveNobodys() {
    Epoch high = new Epoch(4, "fourth");
    Finding found = compare(null, source(FIRST, Scene.STOP, "Sealed"), destination(high, null));
    Migration after = assertNotNullAnd(found.after());
    assertEquals(Phase.ROLLING_BACK, after.phase());
    assertEquals(high, after.epoch(), "whoever takes it over is above this one");
    assertEquals(Scene.STOP, after.stop());
    assertEquals(NOW, after.darkSince());
    assertEquals(A, after.order().source());
    assertEquals(B, after.order().destination());
    assertEquals("gpu1", after.order().devices().getFirst().destination().value());
    assertEquals(Failure.Code.JOURNAL_RESTORED, after.failure().code());
    assertEquals(0, found.version());
  }

  @Test
  void aLowerEpochThanTheHighestIsNobodysRival() {
    Epoch high = new Epoch(4, "fourth");
    Finding found = compare(null, source(high, null), destination(FIRST, null));
    assertEquals(high, assertNotNullAnd(found.after()).epoch());
  }

  @Test
  void anEpochIsRaisedOnlyWhereTwoOrchestratorsHadItsNumber() {
    Epoch taken = new Epoch(2, "second");
    Finding same = compare(row(Phase.COPYING, true), source(taken, null), destination(taken, null));
    assertEquals(taken, assertNotNullAnd(same.after()).epoch());
    Epoch rival = new Epoch(2, "another");
    Finding two = compare(row(Phase.COPYING, true), source(taken, null), destination(rival, null));
    assertEquals(3, assertNotNullAnd(two.after()).epoch().number());
  }

  @Test
  void whatComesFromTheAgentsAloneSaysFromWhich() {
    Migration after =
        assertNotNullAnd(compare(null, source(FIRST, null), destination(FIRST, null)).after());
    String detail = after.failure().detail();
    assertTrue(detail.endsWith("host-a and host-b"), detail);
  }

  /** Nothing was dark that the source says it never stopped. */
  @Test
  void anImportTakesNobodyIntoTheDark() {
    Epoch taken = new Epoch(2, "second");
    Finding found = compare(row(Phase.PREPARING, false), source(taken, null));
    assertEquals(0, assertNotNullAnd(found.after()).darkSince());
    Finding dark = compare(row(Phase.PREPARING, false), source(taken, Scene.STOP));
    assertEquals(NOW, assertNotNullAnd(dark.after()).darkSince());
    Finding before = compare(row(Phase.COPYING, true), source(taken, Scene.STOP));
    assertTrue(assertNotNullAnd(before.after()).darkSince() < NOW, "it is dark since it went dark");
  }

  private static Migration assertNotNullAnd(Migration migration) {
    assertNotNull(migration);
    return migration;
  }

  /** A source that is silent may have stopped its set; silence proves nothing. */
  @Test
  void itIsNeverDarkOnlyIfTheSourceSaysSo() {
    Migration answered = assertNotNullAnd(compare(null, destination(FIRST, null)).after());
    assertEquals(0, answered.darkSince());
    Map<HostName, List<Remembered>> told =
        new TreeMap<>(Map.of(B, List.of(destination(FIRST, null))));
    Migration silent = assertNotNullAnd(only(told, null).after());
    assertTrue(silent.darkSince() > 0);
    Migration copied =
        assertNotNullAnd(compare(null, destination(FIRST, Scene.STOP, "Ready")).after());
    assertTrue(copied.darkSince() > 0, "there was something to copy");
  }

  @Test
  void whatIsKnownToBeSealedGoesOnAndAllElseGoesBack() {
    Epoch taken = new Epoch(2, "second");
    for (Phase phase : Phase.values()) {
      if (phase == Phase.DONE) {
        continue;
      }
      Finding found = compare(row(phase, false), source(taken, null));
      Migration after = assertNotNullAnd(found.after());
      boolean settles =
          List.of(Phase.RESUMING, Phase.CLEANING, Phase.NEEDS_OPERATOR).contains(phase);
      assertEquals(settles ? phase : Phase.ROLLING_BACK, after.phase());
      boolean turns = !settles && phase != Phase.ROLLING_BACK;
      assertEquals(turns, after.failure() != null, "whoever is turned back is told why");
      assertEquals(taken, after.epoch());
      assertEquals(7, found.version());
    }
  }
}
