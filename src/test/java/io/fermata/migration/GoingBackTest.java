package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** It would only be parked again at the next deadline, and never be seen flagged. */
  @Test
  void aMigrationThatWasParkedWhileItCleanedUpWaitsForTheWordThatWasMissing() {
    var started = new Receipt.Started(Orders.ID, STOP, DARK.order().destination());
    Sighting runs = seen(Side.DESTINATION, Standing.OPEN, Goal.RUNNING, List.of(started));
    Sighting open = seen(Side.SOURCE, Standing.OPEN, Goal.COPYING, List.of());
    Sighting done = seen(Side.SOURCE, Standing.CLOSED, Goal.STOPPED, released());

    assertEquals(Trigger.FOUND_AT_DESTINATION, parked(open, runs, List.of()).trigger());
    var witnessed = List.<Note>of(new Note.Witnessed(started));
    assertNull(parked(open, runs, witnessed).trigger());
    assertNull(parked(done, silent(runs), witnessed).trigger());
    assertEquals(Trigger.FOUND_AT_DESTINATION, parked(done, runs, witnessed).trigger());
  }

  @Test
  void anOldWordOfASilentSourceIsNoNewEvidence() {
    Sighting runs = seen(Side.SOURCE, Standing.OPEN, Goal.RUNNING, List.of());
    assertEquals(Trigger.FOUND_AT_SOURCE, parked(runs, SILENT, List.of()).trigger());
    assertNull(parked(silent(runs), SILENT, List.of()).trigger());
  }

  /** Its host was away for the whole way back; it never heard of the migration. */
  @Test
  void aSourceThatWasNeverTouchedIsWhereTheSetIs() {
    var unknown = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "no claim");
    Sighting fresh = new Sighting(null, unknown, "Renew", null, List.of());
    Migration light = Orders.in(Phase.NEEDS_OPERATOR, Evidence.NONE, null);
    Known k = overdue(Phase.NEEDS_OPERATOR, fresh);
    Known bright =
        new Known(light, fresh, SILENT, k.terms(), 9, 0, Map.of(), k.peers(), k.journal());
    assertEquals(Trigger.FOUND_AT_SOURCE, MigrationDriver.decide(bright).trigger());
    assertNull(MigrationDriver.decide(k).trigger(), "one that went dark has lost its slate");
  }

  /** It went round at once and without end, two records to the journal each time. */
  @Test
  void aClosedSourceWithADeadDeviceStaysWithTheOperator() {
    var dead = new DeviceReport(new DeviceName("d0"), DeviceState.ERROR, null, 0, "dead", 0, null);
    ClaimReport r = Objects.requireNonNull(closed(List.of()).report());
    var report =
        new ClaimReport(
            r.migration(),
            r.side(),
            r.sequence(),
            r.promised(),
            r.standing(),
            Goal.RUNNING,
            r.progress(),
            r.guest(),
            r.stop(),
            r.receipts(),
            List.of(dead),
            r.hops(),
            0);
    Sighting broken = new Sighting(report, null, null, null, List.of());
    assertEquals(
        Trigger.PARKED, MigrationDriver.decide(overdue(Phase.ROLLING_BACK, broken)).trigger());
    assertNull(parked(broken, SILENT, List.of()).trigger());
  }

  /** Its lease is what a renewal would hold, for as long as no operator comes. */
  @Test
  void aParkedMigrationDoesNotHoldASourceThatIsStoppedWithoutASeal() {
    for (Goal goal : List.of(Goal.PRE_COPY, Goal.QUIESCED, Goal.FROZEN, Goal.COPYING)) {
      Sighting held = seen(Side.SOURCE, Standing.OPEN, goal, List.of());
      assertInstanceOf(Request.Return.class, askedOfSource(parked(held, SILENT, List.of())));
    }
    var seal = new Receipt.Sealed(Orders.ID, STOP, DARK.order().destination(), List.of());
    Sighting sealed = seen(Side.SOURCE, Standing.OPEN, Goal.COPYING, List.of(seal));
    assertInstanceOf(Request.Renew.class, askedOfSource(parked(sealed, SILENT, List.of())));
    var started = new Receipt.Started(Orders.ID, STOP, DARK.order().destination());
    Sighting comesUp = seen(Side.DESTINATION, Standing.OPEN, Goal.STOPPED, List.of(started));
    Sighting held = seen(Side.SOURCE, Standing.OPEN, Goal.COPYING, List.of());
    var witnessed = List.<Note>of(new Note.Witnessed(started));
    assertInstanceOf(Request.Renew.class, askedOfSource(parked(held, silent(comesUp), witnessed)));
  }

  /** What goes home already, or was never heard of, is sent nowhere. */
  @Test
  void aParkedMigrationAsksASourceThatItDoesNotHoldForNewsAlone() {
    Sighting goesHome = silent(seen(Side.SOURCE, Standing.OPEN, Goal.RUNNING, List.of()));
    assertInstanceOf(Request.Renew.class, askedOfSource(parked(goesHome, SILENT, List.of())));
    assertInstanceOf(Request.Renew.class, askedOfSource(parked(Sighting.NONE, SILENT, List.of())));
  }

  private static Request askedOfSource(Decision decision) {
    return decision.asks().stream()
        .filter(ask -> ask.side() == Side.SOURCE)
        .findFirst()
        .orElseThrow()
        .request();
  }

  private static Decision parked(Sighting source, Sighting destination, List<Note> notes) {
    Known k = overdue(Phase.NEEDS_OPERATOR, source);
    return MigrationDriver.decide(
        new Known(
            k.migration().with(notes, 1),
            source,
            destination,
            k.terms(),
            k.nowMillis(),
            0,
            Map.of(),
            k.peers(),
            k.journal()));
  }

  private static Sighting silent(Sighting seen) {
    return new Sighting(seen.report(), null, null, "connection refused", List.of());
  }

  @Test
  void aSourceThatClosedWithNoReleaseDoes() {
    Decision decision = MigrationDriver.decide(overdue(Phase.ROLLING_BACK, closed(List.of())));
    assertEquals(Outcome.ROLLED_BACK, decision.outcome());
    assertNotEquals(Trigger.PARKED, decision.trigger());
  }

  @Test
  void aJournalFromABackupLearnsOfTheDarknessFromTheSource() {
    Known known = overdue(Phase.ROLLING_BACK, closed(List.of()), List.of());
    assertEquals(Outcome.ROLLED_BACK, MigrationDriver.decide(known).outcome());
  }

  @Test
  void aSourceThatWentDarkAndKnowsNothingProvesNothing() {
    var refusal = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "no claim");
    Sighting denies = new Sighting(null, refusal, "Return", null, List.of());
    Decision decision = MigrationDriver.decide(overdue(Phase.ROLLING_BACK, denies));
    assertEquals(Trigger.PARKED, decision.trigger());
    assertNull(decision.outcome());
  }

  @Test
  void aRestartThatHasHeardNobodyRecordsNoOutcome() {
    Known known = overdue(Phase.ROLLING_BACK, SILENT, List.of());
    assertEquals(Trigger.PARKED, MigrationDriver.decide(known).trigger());
  }

  @Test
  void noAnswerIsWaitedForLongerThanHalfALease() {
    Known known = overdue(Phase.PREPARING, SILENT);
    Migration young = Orders.in(Phase.PREPARING, Evidence.NONE, null);
    Known early =
        new Known(
            young, SILENT, SILENT, known.terms(), 1, 0, Map.of(), known.peers(), known.journal());
    assertEquals(Terms.usual().leaseMillis() / 2, early.waiting(Side.SOURCE).awaitMillis());
  }

  @Test
  void nothingIsClaimedBeforeTheDestinationWasHeardOf() {
    Migration young = Orders.in(Phase.PREPARING, Evidence.NONE, null);
    Known unheard =
        new Known(
            young,
            Sighting.NONE,
            Sighting.NONE,
            Terms.usual(),
            1,
            0,
            Map.of(),
            new Known.Peers("http://a", "http://b", ""),
            Known.JournalState.WRITES);
    assertEquals(List.of(), MigrationDriver.decide(unheard).asks());
  }

  private static List<Receipt> released() {
    var order = DARK.order();
    return List.of(
        new Receipt.Sealed(Orders.ID, STOP, order.destination(), List.of()),
        new Receipt.Started(Orders.ID, STOP, order.destination()));
  }

  private static Sighting closed(List<Receipt> receipts) {
    return seen(Side.SOURCE, Standing.CLOSED, Goal.STOPPED, receipts);
  }

  private static Sighting seen(Side side, Standing standing, Goal goal, List<Receipt> receipts) {
    var report =
        new ClaimReport(
            Orders.ID,
            side,
            1,
            new Epoch(1, "me"),
            standing,
            goal,
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
    return overdue(phase, source, List.of(new Note.WentDark()));
  }

  private static Known overdue(Phase phase, Sighting source, List<Note> before) {
    List<Note> notes = new ArrayList<>(before);
    notes.add(new Note.Moved(DARK.phase(), phase, null, null));
    Migration migration = DARK.with(notes, 1);
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
