package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Stop STOP = new Stop("slate", 1);
  private static final MigrationId ID = Orders.ID;
  private static final HostName THERE = new HostName("host-b");
  private static final Evidence ALL =
      new Evidence(
          new Receipt.Ready(ID, STOP, THERE, List.of()),
          new Receipt.Sealed(ID, STOP, THERE, List.of()),
          new Receipt.Started(ID, STOP, THERE),
          new Receipt.Voided(ID, STOP, THERE));

  private final Lifecycle lifecycle = new Lifecycle();

  /**
   * Every phase with every trigger, with all evidence and with none: the machine does what the
   * table says.
   */
  @Test
  void theMachineIsTheTable() {
    int moves = 0;
    for (Phase phase : Phase.values()) {
      for (Trigger trigger : Trigger.values()) {
        for (Migration m :
            List.of(Orders.in(phase, ALL, STOP), Orders.in(phase, Evidence.NONE, null))) {
          Optional<Phase> expected = inTable(m, trigger);
          assertEquals(expected, lifecycle.next(m, trigger), phase + " on " + trigger);
          moves += expected.isPresent() ? 1 : 0;
        }
      }
    }
    assertTrue(moves >= Lifecycle.rows().size(), "a row was never taken");
  }

  @Test
  void eachPhaseAndTriggerHasAtMostOneRow() {
    Set<String> seen = new HashSet<>();
    Lifecycle.rows().forEach(r -> assertTrue(seen.add(r.from() + " " + r.on()), r.toString()));
  }

  @Test
  void everyPhaseIsReachedFromTheQueue() {
    assertEquals(EnumSet.allOf(Phase.class), reachable(Phase.QUEUED));
  }

  @Test
  void everyPhaseButTheLastLeadsToTheEnd() {
    for (Phase phase : Phase.values()) {
      assertTrue(phase == Phase.DONE || reachable(phase).contains(Phase.DONE), phase.name());
    }
  }

  /**
   * Up to the seal by itself, after it on the void receipt; a cleaned one has nothing left to
   * abort.
   */
  @Test
  void everyPhaseBeforeTheReleaseHasAWayBack() {
    for (Phase phase : EnumSet.range(Phase.QUEUED, Phase.RESUMING)) {
      assertTrue(
          lifecycle.next(Orders.in(phase, ALL, STOP), Trigger.GIVEN_UP).isPresent()
              || lifecycle.next(Orders.in(phase, ALL, STOP), Trigger.DROPPED).isPresent(),
          phase.name());
    }
  }

  @Test
  void afterTheSealOnlyAVoidReceiptLeadsBack() {
    Evidence unvoided = new Evidence(ALL.ready(), ALL.seal(), null, null);
    Migration sealed = Orders.in(Phase.RESUMING, unvoided, STOP);
    assertEquals(Optional.empty(), lifecycle.next(sealed, Trigger.GIVEN_UP));
    Migration voided = Orders.in(Phase.RESUMING, unvoided.with(ALL.voided()), STOP);
    assertEquals(Optional.of(Phase.ROLLING_BACK), lifecycle.next(voided, Trigger.GIVEN_UP));
  }

  private static Optional<Phase> inTable(Migration m, Trigger trigger) {
    return Lifecycle.rows().stream()
        .filter(r -> r.from() == m.phase() && r.on() == trigger && r.guard().test(m))
        .map(Lifecycle.Row::to)
        .findFirst();
  }

  private static Set<Phase> reachable(Phase from) {
    Set<Phase> seen = EnumSet.of(from);
    Deque<Phase> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Phase at = open.remove();
      Lifecycle.rows().stream()
          .filter(r -> r.from() == at && seen.add(r.to()))
          .forEach(r -> open.add(r.to()));
    }
    return seen;
  }
}
