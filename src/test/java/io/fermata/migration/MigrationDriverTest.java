package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is decided on what is known; each test changes one fact. */
class MigrationDriverTest {
  private static final MigrationId ID = Orders.ID;
  private static final Stop STOP = new Stop("slate", 1);
  private static final HostName THERE = new HostName("host-b");
  private static final Receipt.Ready READY = new Receipt.Ready(ID, STOP, THERE, List.of());
  private static final Receipt.Sealed SEAL = new Receipt.Sealed(ID, STOP, THERE, List.of());
  private static final Receipt.Started STARTED = new Receipt.Started(ID, STOP, THERE);
  private static final Receipt.Voided VOIDED = new Receipt.Voided(ID, STOP, THERE);
  private static final Terms TERMS = Terms.usual();

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"PREPARING", "PRECOPYING", "QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void anAbortBeforeTheCommitDecisionLeadsBack(Phase phase) {
    Migration m =
        phase(phase).with(List.of(new Note.AbortWished(new Migration.Wish("ops", "x", 1))), 1);
    Decision decision = decide(m, Sighting.NONE, Sighting.NONE, 2);
    assertEquals(Trigger.GIVEN_UP, decision.trigger());
    assertEquals(Failure.Code.ABORTED, failure(decision).code());
  }

  /** Its lease is long over; to wait for the phase's own deadline, an hour, would bring nothing. */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"PREPARING", "PRECOPYING", "QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void aHostThatIsSilentForTooLongLeadsBackBeforeTheSeal(Phase phase) {
    for (Side side : Side.values()) {
      Sighting shortly = Sighting.NONE.quiet("connection refused", TERMS.silenceMillis() - 1);
      assertNull(decideOn(phase, side, shortly).trigger());
      Sighting silent = Sighting.NONE.quiet("connection refused", TERMS.silenceMillis());
      Failure failure = failure(decideOn(phase, side, silent));
      assertEquals(Failure.Code.HOST_SILENT, failure.code());
      assertEquals(side == Side.SOURCE ? "host-a" : "host-b", failure.host());
    }
  }

  /**
   * A device may take longer than a lease to quiesce; that must not cost the destination's claim.
   */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void bothClaimsAreKeptAliveWhileOneSideTakesItsTime(Phase phase) {
    boolean copies = phase == Phase.COPYING || phase == Phase.SEALING;
    Goal here = copies ? Goal.COPYING : Goal.PRE_COPY;
    Decision decision = decide(phase(phase), source(here), Sighting.NONE, 2);
    assertNull(decision.trigger());
    for (Side side : Side.values()) {
      assertTrue(
          decision.asks().stream()
              .anyMatch(ask -> ask.side() == side && ask.request() instanceof Request.Renew),
          side + " in " + decision);
    }
  }

  private static Decision decideOn(Phase phase, Side side, Sighting seen) {
    boolean source = side == Side.SOURCE;
    Sighting other = Sighting.NONE;
    return decide(phase(phase), source ? seen : other, source ? other : seen, 2);
  }

  @Test
  void aSealThatIsKnownComesBeforeTheAbort() {
    Migration m =
        phase(Phase.SEALING)
            .with(List.of(new Note.AbortWished(new Migration.Wish("ops", "x", 1))), 1);
    Decision decision = decide(m, source(Goal.COPYING, SEAL), Sighting.NONE, 2);
    assertEquals(Trigger.SEALED, decision.trigger());
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void aSpentBudgetLeadsBackBeforeTheSeal(Phase phase) {
    Migration m = Orders.in(phase, evidence(phase), STOP, Orders.order(2, false, 100));
    Decision inTime = decide(m, Sighting.NONE, Sighting.NONE, 101);
    assertNull(inTime.trigger());
    Decision late = decide(m, Sighting.NONE, Sighting.NONE, 102);
    assertEquals(Failure.Code.BUDGET_EXCEEDED, failure(late).code());
  }

  @Test
  void aSpentBudgetIsNoReasonToStopWhereTheCallerSaidContinue() {
    Order strict = Orders.order(2, false, 100);
    Order patient =
        new Order(
            strict.vm(),
            strict.source(),
            strict.destination(),
            strict.devices(),
            strict.preCopy(),
            100,
            Order.OnBudgetExceeded.CONTINUE,
            null,
            "user");
    Migration m = Orders.in(Phase.COPYING, Evidence.NONE, STOP, patient);
    assertNull(decide(m, Sighting.NONE, Sighting.NONE, 1_000).trigger());
  }

  @Test
  void aStuckHopLeadsBackAndNamesHostDeviceAndErrno() {
    var device =
        new DeviceReport(
            new DeviceName("d1"), DeviceState.RUNNING, null, 0, "REFUSED with EIO(5)", 0, null);
    Sighting stuck = seen(Side.SOURCE, Goal.QUIESCED, Progress.STUCK, List.of(device), List.of());
    Failure failure = failure(decide(phase(Phase.QUIESCING), stuck, Sighting.NONE, 2));
    assertEquals(Failure.Code.HOP_FAILED, failure.code());
    assertEquals("host-a", failure.host());
    assertEquals("d1", failure.device());
    assertTrue(failure.detail().contains("EIO(5)"), failure.detail());
  }

  @Test
  void aSourceThatTurnedBackByItselfEndsTheBarrier() {
    Failure failure = failure(decide(phase(Phase.COPYING), source(Goal.RUNNING), Sighting.NONE, 2));
    assertEquals(Failure.Code.SOURCE_WALKED_BACK, failure.code());
  }

  @Test
  void afterTheSealSilenceStartsNothingElse() {
    Decision decision = decide(phase(Phase.RESUMING), Sighting.NONE, Sighting.NONE, 5_000);
    assertNull(decision.trigger());
    assertInstanceOf(Request.Start.class, decision.asks().getFirst().request());
  }

  @Test
  void afterTheSealALateSilentDestinationIsParkedNotGivenUp() {
    Sighting silent = new Sighting(null, null, null, "connection refused", List.of());
    Decision decision = decide(phase(Phase.RESUMING), Sighting.NONE, silent, 1_000_000);
    assertEquals(Trigger.PARKED, decision.trigger());
    assertEquals(Failure.Code.EVIDENCE_MISSING, failure(decision).code());
  }

  @Test
  void aDestinationThatLostItsCopyIsAskedForTheVoid() {
    var refusal = new Refusal(Refusal.Code.NOT_READY, "no copy");
    Sighting lost = new Sighting(null, refusal, "Start", null, List.of());
    Decision decision = decide(phase(Phase.RESUMING), Sighting.NONE, lost, 2);
    assertInstanceOf(Request.VoidCopy.class, decision.asks().getFirst().request());
    Sighting voided = destination(Goal.RESUMING, Progress.REACHED, VOIDED);
    Decision back = decide(phase(Phase.RESUMING), Sighting.NONE, voided, 3);
    assertEquals(Trigger.GIVEN_UP, back.trigger());
  }

  /** It gave up another stop before: the word on the sealed one is found behind that. */
  @Test
  void theVoidOfTheSealedStopIsFoundAmongOthers() {
    var older = new Receipt.Voided(ID, new Stop("slate", 9), THERE);
    Sighting both = destination(Goal.STOPPED, Progress.REACHED, older, VOIDED);
    assertEquals(Trigger.GIVEN_UP, decide(phase(Phase.RESUMING), Sighting.NONE, both, 2).trigger());
    Migration m = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    Decision back = decide(m, source(Goal.COPYING, SEAL), both, 2);
    assertTrue(
        back.asks().stream()
            .anyMatch(a -> a.request() instanceof Request.Unseal u && u.voided().equals(VOIDED)));
  }

  @Test
  void aSealedSourceIsUnsealedOnlyOnTheVoid() {
    Migration m = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    Decision waits = decide(m, source(Goal.COPYING, SEAL), Sighting.NONE, 2);
    assertTrue(waits.asks().stream().noneMatch(a -> a.request() instanceof Request.Unseal));
    Sighting voided = destination(Goal.RESUMING, Progress.REACHED, VOIDED);
    Decision unseals = decide(m, source(Goal.COPYING, SEAL), voided, 2);
    assertTrue(unseals.asks().stream().anyMatch(a -> a.request() instanceof Request.Unseal));
  }

  @Test
  void aWayBackThatFindsTheSetRunningThereTurnsRound() {
    Migration m = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    Sighting runs = destination(Goal.RUNNING, Progress.REACHED, STARTED);
    assertEquals(Trigger.OVERTAKEN, decide(m, source(Goal.COPYING, SEAL), runs, 2).trigger());
  }

  @Test
  void aDarkSourceThatKnowsNothingAnyMoreProvesNothing() {
    var unknown = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "no claim");
    Sighting wiped = new Sighting(null, unknown, "Return", null, List.of());
    Sighting closed = seenClosed(Side.DESTINATION);
    Migration dark =
        Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP).with(List.of(new Note.WentDark()), 1);
    assertNull(decide(dark, wiped, closed, 2).trigger());
    assertEquals(Trigger.PARKED, decide(dark, wiped, closed, 1_000_000).trigger());
    Migration light = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, null);
    assertEquals(Outcome.FAILED, decide(light, wiped, closed, 2).outcome());
  }

  @Test
  void aDeviceInErrorAtTheSourceNeedsAnOperator() {
    var dead =
        new DeviceReport(new DeviceName("d1"), DeviceState.ERROR, null, 0, "FAULTED", 0, null);
    Sighting source = seen(Side.SOURCE, Goal.RUNNING, Progress.REACHED, List.of(dead), List.of());
    Migration m = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    Decision decision = decide(m, source, Sighting.NONE, 2);
    assertEquals(Trigger.PARKED, decision.trigger());
    assertEquals(Failure.Code.DEVICE_ERROR, failure(decision).code());
  }

  @Test
  void aWayBackIsParkedForTheDeadDeviceAndForNoOther() {
    Migration m = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    DeviceReport sound = Scene.device("d0", DeviceState.RUNNING, null);
    List<DeviceReport> one = List.of(sound);
    Sighting runs = seen(Side.SOURCE, Goal.RUNNING, Progress.MOVING, one, List.of());
    assertNull(decide(m, runs, Sighting.NONE, 2).trigger());
    List<DeviceReport> two = List.of(sound, Scene.device("d1", DeviceState.ERROR, null));
    Sighting dead = seen(Side.SOURCE, Goal.RUNNING, Progress.MOVING, two, List.of());
    assertEquals("d1", failure(decide(m, dead, Sighting.NONE, 2)).device());
  }

  private static Migration phase(Phase phase) {
    return Orders.in(phase, evidence(phase), STOP);
  }

  private static Evidence evidence(Phase phase) {
    return switch (phase) {
      case SEALING -> new Evidence(READY, null, null, null);
      case RESUMING -> new Evidence(READY, SEAL, null, null);
      default -> Evidence.NONE;
    };
  }

  private static Sighting source(Goal goal, Receipt... receipts) {
    return seen(Side.SOURCE, goal, Progress.REACHED, List.of(), List.of(receipts));
  }

  private static Sighting destination(Goal goal, Progress progress, Receipt... receipts) {
    return seen(Side.DESTINATION, goal, progress, List.of(), List.of(receipts));
  }

  private static Sighting seenClosed(Side side) {
    return new Sighting(
        report(side, Standing.CLOSED, Goal.RUNNING, Progress.REACHED, List.of(), List.of()),
        null,
        null,
        null,
        List.of());
  }

  private static Sighting seen(
      Side side, Goal goal, Progress progress, List<DeviceReport> devices, List<Receipt> receipts) {
    ClaimReport report = report(side, Standing.OPEN, goal, progress, devices, receipts);
    return new Sighting(report, null, null, null, List.of());
  }

  private static ClaimReport report(
      Side side,
      Standing standing,
      Goal goal,
      Progress progress,
      List<DeviceReport> devices,
      List<Receipt> receipts) {
    return new ClaimReport(
        ID,
        side,
        1,
        new Epoch(1, "me"),
        standing,
        goal,
        progress,
        GuestState.PAUSED,
        STOP,
        receipts,
        devices,
        List.of(),
        0);
  }

  private static Decision decide(
      Migration m, Sighting source, Sighting destination, long nowMillis) {
    return MigrationDriver.decide(known(m, source, destination, nowMillis));
  }

  private static Known known(Migration m, Sighting source, Sighting destination, long nowMillis) {
    var peers = new Known.Peers("http://a", "http://b", "b:1");
    return new Known(
        m,
        source,
        destination,
        TERMS,
        nowMillis,
        nowMillis * 1_000_000,
        Map.of(),
        peers,
        Known.JournalState.WRITES);
  }

  /**
   * Everything is ready, the deadline has passed, and the blackouts are taken: it stays as it is.
   */
  @Test
  void withoutOneOfTheBlackoutsNobodyEntersTheBarrierAndNobodyIsLate() {
    Migration m = Orders.in(Phase.PREPARING, Evidence.NONE, null);
    Sighting source = source(Goal.RUNNING);
    Sighting destination = destination(Goal.STOPPED, Progress.REACHED);
    Known ready = known(m, source, destination, 10);
    assertTrue(MigrationDriver.couldDarken(ready));
    assertEquals(Trigger.PREPARED_DIRECT, MigrationDriver.decide(ready).trigger());
    Decision waits = MigrationDriver.decide(notYet(known(m, source, destination, 9_000_000)));
    assertNull(waits.trigger());
    assertEquals(2, waits.asks().size());
    waits.asks().forEach(ask -> assertInstanceOf(Request.Renew.class, ask.request()));
    Decision late = MigrationDriver.decide(notYet(known(m, Sighting.NONE, destination, 9_000_000)));
    assertEquals(Failure.Code.DEADLINE, failure(late).code());
  }

  @Test
  void oneInPreCopyCouldGoDarkOnceItsSetCopiesAndHasConverged() {
    Migration m = Orders.in(Phase.PRECOPYING, Evidence.NONE, null, Orders.order(2, true, 0));
    Sighting there = destination(Goal.STOPPED, Progress.MOVING);
    Sighting copies = source(Goal.PRE_COPY);
    assertTrue(MigrationDriver.couldDarken(known(m, copies, there, 10)));
    assertFalse(MigrationDriver.couldDarken(known(m, source(Goal.RUNNING), there, 10)));
    var first = List.of(Scene.device("d0", DeviceState.PRE_COPY, null));
    Sighting early = seen(Side.SOURCE, Goal.PRE_COPY, Progress.REACHED, first, List.of());
    assertFalse(
        MigrationDriver.couldDarken(known(m, early, there, 10)), "it has not told its rest");
    assertNull(MigrationDriver.decide(notYet(known(m, copies, there, 9_000_000))).trigger());
    Known late = notYet(known(m, source(Goal.RUNNING), there, 9_000_000));
    assertEquals(Failure.Code.DEADLINE, failure(MigrationDriver.decide(late)).code());
  }

  private static Known notYet(Known k) {
    return new Known(
        k.migration(),
        k.source(),
        k.destination(),
        k.terms(),
        k.nowMillis(),
        k.nowNanos(),
        k.entered(),
        k.peers(),
        k.journal(),
        Known.Darkening.NOT_YET);
  }

  private static Failure failure(Decision decision) {
    return decision.notes().stream()
        .filter(n -> n instanceof Note.Failed)
        .map(n -> ((Note.Failed) n).failure())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no failure in " + decision));
  }
}
