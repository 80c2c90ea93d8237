package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.handover.MigrationId;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.LiveView.Standing;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What people read of one that waits: its place, for what it waits and who has it. */
class WhyOneWaitsTest {
  private static final MigrationId ID = new MigrationId("m0000001");
  private static final Limits ONE = new Limits(1, 9, 9, 9, 1, 99);

  private final Doorkeeper one = doorkeeper(new Limits(9, 9, 9, 9, 1, 99));

  private static Doorkeeper doorkeeper(Limits limits) {
    var journal = new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
    var rules = new Places.Rules(limits, 60_000);
    return new Doorkeeper(new Shelf(journal, "traffic"), rules, Runnable::run);
  }

  private static void decide(Doorkeeper of, Run... runs) {
    List<Run> own = Arrays.asList(runs);
    of.decide(own, Runs.ids(own), 10);
  }

  private void pause(@Nullable Long expires) {
    var pause = new Intake(Intake.State.PAUSED, "OPS-1", "ops", 5, expires);
    one.intake(pause, "ops", new CompletableFuture<>());
  }

  /** Who waits for what, and how it is said. */
  private record Words(Limits limits, String said) {}

  @TestFactory
  Stream<DynamicTest> whoWaitsReadsForWhatAndForWhom() {
    return Stream.of(
            new Words(new Limits(1, 9, 9, 9, 9, 9), "a place in the cluster"),
            new Words(new Limits(9, 1, 9, 9, 9, 9), "a place for migrations from host-a"),
            new Words(new Limits(9, 9, 1, 9, 9, 9), "a place for migrations to host-b"),
            new Words(new Limits(9, 9, 9, 1, 9, 9), "a place for migrations host-a→host-b"))
        .map(each ->
            DynamicTest.dynamicTest(
                each.said(),
                () -> {
                  Doorkeeper strict = doorkeeper(each.limits());
                  Run holds = Runs.started("m0000001", "host-a", "host-b");
                  Run waits = Runs.queued("m0000002");
                  decide(strict, holds, waits);
                  String said = each.said() + ": 1 of 1 taken, held by m0000001";
                  assertEquals(new Standing(1, said), standing(strict, waits));
                  assertNull(standing(strict, holds));
                }));
  }

  private static @Nullable Standing standing(Doorkeeper of, Run run) {
    return of.standing(run, Clearance.GIVEN, 10);
  }

  @Test
  void whoWaitsForABlackoutReadsWhoseItIs() {
    Migration dark = Orders.in(Phase.QUIESCING, Evidence.NONE, null);
    Run ready = Runs.ready("m0000002", 5);
    decide(one, Runs.of(dark), ready);
    String said = "a blackout of another guest to end: 1 of 1 taken, held by m0000001";
    assertEquals(new Standing(1, said), standing(one, ready));
  }

  @Test
  void threeHoldersAreNamedAndTheOthersCounted() {
    Doorkeeper three = doorkeeper(new Limits(3, 9, 9, 9, 9, 9));
    List<Run> runs = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      runs.add(Runs.started("m000000" + i, "host-a", "host-b"));
    }
    runs.add(Runs.queued("m0000009"));
    decide(three, runs.toArray(Run[]::new));
    String named = ", held by m0000001, m0000002, m0000003";
    assertEquals(
        "a place in the cluster: 3 of 3 taken" + named, standing(three, runs.getLast()).why());
    runs.add(0, Runs.started("m0000000", "host-a", "host-b"));
    runs.add(0, Runs.started("m0000008", "host-a", "host-b"));
    decide(three, runs.toArray(Run[]::new));
    assertEquals(
        "a place in the cluster: 5 of 3 taken, held by m0000008, m0000000, m0000001 and 2 more",
        standing(three, runs.getLast()).why());
  }

  /** Its places at both hosts are kept for one that has waited so long that nobody may pass it. */
  @Test
  void aPlaceThatIsKeptForSomebodyIsTakenAndHeldByNobody() {
    Doorkeeper strict = doorkeeper(new Limits(9, 1, 1, 9, 9, 9));
    Run holds = Runs.started("m0000001", "host-a", "host-c");
    Run overdue = Runs.queued("m0000002");
    long late = 4 * 60_000;
    Run behind = Runs.of(Orders.queued("m0000003", "host-d", "host-b"));
    List<Run> all = List.of(holds, overdue, behind);
    strict.decide(all, Runs.ids(all), late);
    assertEquals(
        Optional.of("a place for migrations to host-b: 1 of 1 taken"),
        strict.words(behind.migration().id(), late));
  }

  @Test
  void whoeverIsHeldUpByAPauseReadsWhoseItIsAndUntilWhen() {
    Run waits = Runs.queued("m0000001");
    pause(null);
    decide(one, waits);
    assertEquals("admission: ops paused it: OPS-1", standing(one, waits).why());
    pause(12_010L);
    decide(one, waits);
    String said = "admission: ops paused it: OPS-1, ends by itself in 12 s";
    assertEquals(new Standing(1, said), standing(one, waits));
    one.decide(List.of(waits), Set.of(ID), 12_010);
    assertNull(standing(one, waits), "it is over");
  }

  @Test
  void whoIsKeptBackReadsByWhatAndStandsBehindAllOthers() {
    Doorkeeper strict = doorkeeper(ONE);
    Run waits = Runs.queued("m0000002");
    decide(strict, Runs.started("m0000001", "host-a", "host-b"), waits);
    Clearance back =
        new Clearance() {
          @Override
          public Optional<String> keepsBack(Run waiting) {
            return Optional.of("host-a was not heard yet");
          }
        };
    Standing expected = new Standing(2, "host-a was not heard yet");
    assertEquals(expected, strict.standing(Runs.queued("m0000003"), back, 10));
    Run started = Runs.started("m0000003", "host-a", "host-b");
    assertNull(strict.standing(started, back, 10), "it has started");
  }
}
