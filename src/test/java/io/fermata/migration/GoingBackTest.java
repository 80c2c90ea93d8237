package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An outcome rests on the word of the host that runs the set, however late it comes. */
class GoingBackTest {
  private static final Stop STOP = new Stop("slate", 1);
  private static final Migration DARK = Orders.in(Phase.QUIESCING, Evidence.NONE, STOP);
  private static final Sighting SILENT =
      new Sighting(null, null, null, "connection refused", List.of());

  @Test
  void aSourceThatClosedAfterItsReleaseDoesNotRunTheSet() {
    Decision decision = MigrationDriver.decide(overdue(Phase.ROLLING_BACK, closed(released())));
    assertEquals(Trigger.OVERTAKEN, decision.trigger(), "it let go on a start receipt");
    assertNull(decision.outcome());
  }

  @Test
  void aParkedMigrationWaitsForTheDestinationThatTheSetWasReleasedTo() {
    Known known = overdue(Phase.NEEDS_OPERATOR, closed(released()));
    assertNull(MigrationDriver.decide(known).trigger());
  }

  @Test
  void aSourceThatClosedWithNoReleaseDoes() {
    Decision decision = MigrationDriver.decide(overdue(Phase.ROLLING_BACK, closed(List.of())));
    assertEquals(Outcome.ROLLED_BACK, decision.outcome());
    assertNotEquals(Trigger.PARKED, decision.trigger());
  }

  private static List<Receipt> released() {
    var order = DARK.order();
    return List.of(
        new Receipt.Sealed(Orders.ID, STOP, order.destination(), List.of()),
        new Receipt.Started(Orders.ID, STOP, order.destination()));
  }

  private static Sighting closed(List<Receipt> receipts) {
    var report =
        new ClaimReport(
            Orders.ID,
            Side.SOURCE,
            1,
            new Epoch(1, "me"),
            Standing.CLOSED,
            Goal.STOPPED,
            Progress.REACHED,
            GuestState.PAUSED,
            STOP,
            receipts,
            List.of(),
            List.of(),
            0);
    return new Sighting(report, null, null, null, List.of());
  }

  /** Long after the phase's deadline, with a destination that nobody can reach. */
  private static Known overdue(Phase phase, Sighting source) {
    Migration migration =
        DARK.with(List.of(new Note.WentDark(), new Note.Moved(DARK.phase(), phase, null, null)), 1);
    return new Known(
        migration,
        source,
        SILENT,
        Terms.usual(),
        1_000_000,
        0,
        Map.of(),
        new Known.Peers("http://a", "http://b", "b:1"),
        Known.JournalState.WRITES);
  }
}
