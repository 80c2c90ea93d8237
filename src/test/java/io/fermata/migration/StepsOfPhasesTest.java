package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each phase asks for, what ends it, and what is kept of it. */
class StepsOfPhasesTest {
  private static final Sighting HELD = reached(SOURCE, Goal.RUNNING);
  private static final Sighting TAKES = moving(DESTINATION, Goal.STOPPED);

  @Test
  void preparingClaimsBothSides() {
    assertEquals(
        List.of("SOURCE ClaimSource", "DESTINATION ClaimDestination"),
        Scene.in(Phase.PREPARING).asks());
    assertEquals(List.of("SOURCE ClaimSource"), preparing().destination(TAKES).asks());
    assertEquals(List.of("DESTINATION ClaimDestination"), preparing().source(HELD).asks());
    Sighting reading = moving(SOURCE, Goal.RUNNING);
    assertEquals(
        List.of("SOURCE ClaimSource"), preparing().source(reading).destination(TAKES).asks());
  }

  @Test
  void aClaimWithoutTheDestinationsDataAddressCouldNeverCopy() {
    assertEquals(List.of(), preparing().withoutDataAddress().asks());
  }

  @Test
  void whatIsPreparedGoesDarkAtOnceUnlessItPreCopies() {
    Decision direct = preparing().source(HELD).destination(TAKES).decides();
    assertEquals(Trigger.PREPARED_DIRECT, direct.trigger());
    assertEquals(1, Scene.notes(direct, Note.WentDark.class).size());
    Migration live = Orders.in(Phase.PREPARING, Evidence.NONE, null, Orders.order(2, true, 0));
    Decision tracked = Scene.of(live).source(HELD).destination(TAKES).decides();
    assertEquals(Trigger.PREPARED_LIVE, tracked.trigger());
    assertEquals(List.of(), tracked.notes());
  }

  @Test
  void preCopyingKeepsBothClaimsAliveUntilLittleIsLeft() {
    assertEquals(List.of("SOURCE PreCopy", "DESTINATION Renew"), Scene.in(Phase.PRECOPYING).asks());
    Sighting much = tracked(2L << 20);
    assertEquals(
        List.of("SOURCE Renew", "DESTINATION Renew"),
        Scene.in(Phase.PRECOPYING).source(much).asks());
    Decision done = Scene.in(Phase.PRECOPYING).source(tracked(1L << 20)).decides();
    assertEquals(Trigger.CONVERGED, done.trigger());
    assertEquals(1, Scene.notes(done, Note.WentDark.class).size());
  }

  @Test
  void preCopyEndsWhenItsTimeIsUpOrSomebodyAsksForTheBarrier() {
    Sighting much = tracked(2L << 20);
    assertNull(Scene.in(Phase.PRECOPYING).source(much).at(9_999).decides().trigger());
    Decision late = Scene.in(Phase.PRECOPYING).source(much).at(10_000).decides();
    assertEquals(Trigger.CONVERGED, late.trigger());
    Decision asked =
        Scene.in(Phase.PRECOPYING).source(much).noted(new Note.SwitchoverWished("ops")).decides();
    assertEquals(Trigger.CONVERGED, asked.trigger());
  }

  /** Two small remainders make one large one, and what is not known is not small. */
  @Test
  void theWholeSetHasToConverge() {
    assertNull(Scene.in(Phase.PRECOPYING).source(tracked(1L << 20, 1L)).decides().trigger());
    assertNull(Scene.in(Phase.PRECOPYING).source(tracked(1L, null)).decides().trigger());
    assertEquals(
        Trigger.CONVERGED, Scene.in(Phase.PRECOPYING).source(tracked()).decides().trigger());
    var runs = new ArrayList<>(devices(1L));
    runs.add(Scene.device("d9", DeviceState.RUNNING, null));
    Sighting mixed = Scene.seen(SOURCE, Standing.OPEN, Goal.PRE_COPY, Progress.REACHED, runs);
    Decision decision = Scene.in(Phase.PRECOPYING).source(mixed).decides();
    assertEquals(Trigger.CONVERGED, decision.trigger(), "what cannot be tracked has no remainder");
  }

  @Test
  void quiescingLearnsTheStopAtGateOne() {
    Scene begun = Scene.in(Phase.QUIESCING);
    assertEquals(List.of("SOURCE Quiesce", "SOURCE Renew", "DESTINATION Renew"), begun.asks());
    assertEquals(
        List.of("SOURCE Quiesce", "SOURCE Renew", "DESTINATION Renew"),
        begun.source(moving(SOURCE, Goal.QUIESCED)).asks());
    Decision open = begun.source(reached(SOURCE, Goal.QUIESCED)).decides();
    assertEquals(Trigger.QUIESCED, open.trigger());
    assertEquals(List.of(new Note.StopLearned(Scene.STOP)), learned(open));
    assertEquals(List.of(Gate.Name.QUIESCED), gates(open));
  }

  /** The source was asked to go on by itself, and may be further than anybody heard. */
  @ParameterizedTest
  @CsvSource({
    "QUIESCING,FROZEN,MOVING,QUIESCED",
    "QUIESCING,COPYING,MOVING,QUIESCED",
    "QUIESCING,FROZEN,STUCK,QUIESCED",
    "FREEZING,COPYING,MOVING,FROZEN"
  })
  void aSourceThatWentOnHasPassedTheGate(Phase at, Goal goal, Progress progress, Trigger then) {
    Sighting further = Scene.seen(SOURCE, Standing.OPEN, goal, progress, List.of());
    assertEquals(then, Scene.in(at).source(further).decides().trigger());
  }

  @ParameterizedTest
  @CsvSource({"QUIESCING,PRE_COPY", "QUIESCING,RUNNING", "FREEZING,QUIESCED", "FREEZING,FROZEN"})
  void aSourceOnItsWayHasNot(Phase at, Goal goal) {
    Trigger then = Scene.in(at).source(moving(SOURCE, goal)).decides().trigger();
    assertTrue(then == null || then == Trigger.GIVEN_UP, String.valueOf(then));
  }

  @Test
  void theSourceIsAskedToGoOnByItself() {
    Request first = Scene.in(Phase.QUIESCING).decides().asks().getFirst().request();
    assertTrue(assertInstanceOf(Request.Quiesce.class, first).goesOn());
  }

  @Test
  void freezingAsksUnderTheStopUntilGateTwo() {
    Scene begun = Scene.in(Phase.FREEZING).source(reached(SOURCE, Goal.QUIESCED));
    assertEquals(List.of("SOURCE Freeze", "SOURCE Renew", "DESTINATION Renew"), begun.asks());
    Request first = begun.decides().asks().getFirst().request();
    assertEquals(Scene.STOP, assertInstanceOf(Request.Freeze.class, first).stop());
    Decision open = begun.source(reached(SOURCE, Goal.FROZEN)).decides();
    assertEquals(Trigger.FROZEN, open.trigger());
    assertEquals(List.of(Gate.Name.FROZEN), gates(open));
  }

  @Test
  void copyingEndsWhenEveryImageIsOutAndIn() {
    Sighting sent = reached(SOURCE, Goal.COPYING);
    Sighting ready = Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, Scene.READY);
    Scene begun = Scene.in(Phase.COPYING);
    assertEquals(
        List.of("SOURCE Copy", "DESTINATION Load", "SOURCE Renew", "DESTINATION Renew"),
        begun.asks());
    assertEquals(
        List.of("DESTINATION Load", "SOURCE Renew", "DESTINATION Renew"),
        begun.source(sent).asks());
    assertEquals(
        List.of("SOURCE Copy", "SOURCE Renew", "DESTINATION Renew"),
        begun.source(reached(SOURCE, Goal.FROZEN)).destination(ready).asks());
    Decision loaded = begun.source(sent).decides();
    assertEquals(Trigger.LOADED, loaded.trigger());
    assertEquals(
        List.of(new Note.Witnessed(Scene.READY)), Scene.notes(loaded, Note.Witnessed.class));
    assertEquals(List.of(Gate.Name.LOADED), gates(loaded));
  }

  @Test
  void aCopyOfAnotherStopIsNotLoaded() {
    var old = new Receipt.Ready(Orders.ID, Scene.OTHER, Scene.THERE, List.of());
    Sighting stale = Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, old);
    Scene scene = Scene.in(Phase.COPYING).source(reached(SOURCE, Goal.COPYING)).destination(stale);
    assertNull(scene.decides().trigger());
    assertTrue(scene.asks().contains("DESTINATION Load"));
  }

  @Test
  void sealingNamesTheCopyThatIsReadyAndNeverWaits() {
    Scene begun = Scene.in(Phase.SEALING).source(reached(SOURCE, Goal.COPYING));
    Request asked = begun.decides().asks().getFirst().request();
    var seal = assertInstanceOf(Request.Seal.class, asked);
    assertEquals(Scene.READY, seal.ready());
    assertEquals(0, seal.header().awaitMillis());
    Sighting sealed = Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED, Scene.SEAL);
    Decision done = begun.source(sealed).decides();
    assertEquals(Trigger.SEALED, done.trigger());
    assertEquals(List.of(new Note.Witnessed(Scene.SEAL)), Scene.notes(done, Note.Witnessed.class));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"FREEZING", "COPYING", "SEALING"})
  void aJournalThatLacksTheStopOrTheCopyLeadsBack(Phase phase) {
    Decision decision = Scene.of(Orders.in(phase, Evidence.NONE, null)).decides();
    assertEquals(Trigger.GIVEN_UP, decision.trigger());
    Failure failure = Scene.failure(decision);
    assertEquals(Failure.Code.EVIDENCE_MISSING, failure.code());
    assertTrue(failure.detail().contains(phase.name()), failure.detail());
  }

  @Test
  void resumingAsksForTheStartUntilTheSetRuns() {
    Scene begun = Scene.in(Phase.RESUMING);
    assertEquals(List.of("DESTINATION Start"), begun.asks());
    Sighting thawing = Scene.seen(DESTINATION, Goal.RUNNING, Progress.MOVING, Scene.STARTED);
    assertEquals(List.of("DESTINATION Start"), begun.destination(thawing).asks());
    Sighting runs = Scene.seen(DESTINATION, Goal.RUNNING, Progress.REACHED, Scene.STARTED);
    Decision done = begun.destination(runs).decides();
    assertEquals(Trigger.RUNNING, done.trigger());
    assertEquals(List.of(Gate.Name.THAWED, Gate.Name.RUNNING), gates(done));
    assertEquals(
        List.of(new Note.Witnessed(Scene.STARTED)), Scene.notes(done, Note.Witnessed.class));
    assertEquals(1, Scene.notes(done, Note.CameBack.class).size());
    assertEquals(List.of(), Scene.of(Orders.in(Phase.RESUMING, Evidence.NONE, null)).asks());
  }

  @ParameterizedTest
  @CsvSource({"VOIDED", "NOT_READY", "OTHER_IMAGES"})
  void aRefusalThatNoRepetitionChangesAsksForTheVoid(Refusal.Code code) {
    Sighting refuses = Scene.refuses(Sighting.NONE, code, "Start");
    assertEquals(
        List.of("DESTINATION VoidCopy"), Scene.in(Phase.RESUMING).destination(refuses).asks());
  }

  @Test
  void anyOtherRefusalOfAStartIsAskedAgain() {
    Sighting refuses = Scene.refuses(Sighting.NONE, Refusal.Code.STALE_EPOCH, "Start");
    assertEquals(
        List.of("DESTINATION Start"), Scene.in(Phase.RESUMING).destination(refuses).asks());
  }

  @Test
  void aLateDestinationThatAnswersIsAskedToGiveUpAndOnlyIfItCannotIsItParked() {
    Sighting loaded = Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, Scene.READY);
    assertEquals(
        List.of("DESTINATION VoidCopy"),
        Scene.in(Phase.RESUMING).destination(loaded).late().asks());
    Sighting stuck = Scene.seen(DESTINATION, Goal.RUNNING, Progress.STUCK, Scene.STARTED);
    Decision parked = Scene.in(Phase.RESUMING).destination(stuck).late().decides();
    assertEquals(Trigger.PARKED, parked.trigger());
    assertEquals(Failure.Code.EVIDENCE_MISSING, Scene.failure(parked).code());
    assertEquals("host-b", Scene.failure(parked).host());
    Sighting neither = Scene.refuses(loaded, Refusal.Code.STARTED, "VoidCopy");
    assertNull(Scene.in(Phase.RESUMING).destination(neither).decides().trigger());
    Decision cannot = Scene.in(Phase.RESUMING).destination(neither).late().decides();
    assertEquals(Trigger.PARKED, cannot.trigger());
    assertEquals(Failure.Code.START_FAILED, Scene.failure(cannot).code());
    assertTrue(Scene.failure(cannot).detail().contains("took the right to run"));
  }

  @Test
  void aVoidNamesTheDeviceThatDidNotStartIfThereIsOne() {
    Sighting plain = Scene.seen(DESTINATION, Goal.STOPPED, Progress.MOVING, Scene.VOIDED);
    Failure gaveUp = Scene.failure(Scene.in(Phase.RESUMING).destination(plain).decides());
    assertEquals(Failure.Code.START_FAILED, gaveUp.code());
    assertTrue(gaveUp.detail().contains("gave the copy up"), gaveUp.detail());
    var bad = List.of(Scene.device("d1", DeviceState.STOP, "EIO(5)"));
    Sighting named =
        Scene.seen(DESTINATION, Standing.OPEN, Goal.STOPPED, Progress.MOVING, bad, Scene.VOIDED);
    Failure failure = Scene.failure(Scene.in(Phase.RESUMING).destination(named).decides());
    assertEquals("d1", failure.device());
    assertEquals("host-b d1: EIO(5)", failure.detail());
  }

  @Test
  void cleaningReleasesTheSourceThenClosesTheDestination() {
    Scene begun = Scene.in(Phase.CLEANING);
    assertEquals(List.of("SOURCE Release", "DESTINATION Renew"), begun.asks());
    Sighting done = Scene.closed(SOURCE, Goal.STOPPED, Scene.STARTED);
    assertEquals(List.of("DESTINATION Close"), begun.source(done).asks());
    Decision end =
        begun.destination(Scene.closed(DESTINATION, Goal.RUNNING, Scene.STARTED)).decides();
    assertEquals(Trigger.CLEANED, end.trigger());
    assertEquals(Outcome.SUCCEEDED, end.outcome());
    assertEquals(List.of(), Scene.of(Orders.in(Phase.CLEANING, Evidence.NONE, null)).asks());
  }

  @Test
  void cleaningThatTakesTooLongNamesWhoseWordIsMissing() {
    Decision source = Scene.in(Phase.CLEANING).late().decides();
    assertEquals(Trigger.PARKED, source.trigger());
    assertEquals("host-a", Scene.failure(source).host());
    assertEquals(Failure.Code.EVIDENCE_MISSING, Scene.failure(source).code());
    Sighting done = Scene.closed(SOURCE, Goal.STOPPED, Scene.STARTED);
    Decision destination = Scene.in(Phase.CLEANING).source(done).late().decides();
    assertEquals("host-b", Scene.failure(destination).host());
  }

  @Test
  void aPhaseThatIsOverDecidesNothing() {
    for (Phase phase : List.of(Phase.QUEUED, Phase.CHECKING, Phase.DONE)) {
      Decision decision = Scene.in(phase).decides();
      assertEquals(Decision.nothing(), decision);
    }
  }

  private static Scene preparing() {
    return Scene.in(Phase.PREPARING);
  }

  private static Sighting reached(Side side, Goal goal) {
    return Scene.seen(side, goal, Progress.REACHED);
  }

  private static Sighting moving(Side side, Goal goal) {
    return Scene.seen(side, goal, Progress.MOVING);
  }

  private static List<DeviceReport> devices(Long... left) {
    List<DeviceReport> devices = new ArrayList<>();
    for (Long bytes : left) {
      devices.add(
          new DeviceReport(
              new DeviceName("d" + devices.size()), DeviceState.PRE_COPY, null, 0, null, 0, bytes));
    }
    return devices;
  }

  private static Sighting tracked(Long... left) {
    return Scene.seen(SOURCE, Standing.OPEN, Goal.PRE_COPY, Progress.REACHED, devices(left));
  }

  private static List<Note.StopLearned> learned(Decision decision) {
    return Scene.notes(decision, Note.StopLearned.class);
  }

  private static List<Gate.Name> gates(Decision decision) {
    return Scene.notes(decision, Note.GateOpened.class).stream().map(n -> n.gate().name()).toList();
  }
}
