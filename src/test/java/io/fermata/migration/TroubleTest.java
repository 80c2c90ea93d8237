package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Why a migration goes back before the seal, in words that name host, device and reason. */
class TroubleTest {
  private static final Sighting TAKES = Scene.seen(DESTINATION, Goal.STOPPED, Progress.MOVING);

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"PREPARING", "PRECOPYING", "QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void aPhaseThatTakesTooLongSaysWhoIsSilent(Phase phase) {
    assertNull(Scene.in(phase).at(Scene.TERMS.deadlineMillis(phase) - 1).decides().trigger());
    Failure plain = Scene.failure(Scene.in(phase).late().decides());
    assertEquals(Failure.Code.DEADLINE, plain.code());
    assertEquals(
        phase + " took longer than " + Scene.TERMS.deadlineMillis(phase) + " ms", plain.detail());
    Scene silent =
        Scene.in(phase)
            .source(Scene.silent(Sighting.NONE))
            .destination(Scene.silent(Sighting.NONE))
            .late();
    String detail = Scene.failure(silent.decides()).detail();
    assertTrue(detail.endsWith("; host-a connection refused; host-b connection refused"), detail);
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"PREPARING", "PRECOPYING", "QUIESCING", "FREEZING", "COPYING", "SEALING"})
  void aDestinationThatGaveUpLeadsBack(Phase phase) {
    Sighting closed = Scene.closed(DESTINATION, Goal.RESUMING);
    Failure lost = Scene.failure(Scene.in(phase).destination(closed).decides());
    assertEquals(Failure.Code.DESTINATION_LOST, lost.code());
    assertEquals("host-b", lost.host());
    assertEquals("host-b gave its claim up", lost.detail());
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"PRECOPYING", "QUIESCING", "FREEZING", "SEALING"})
  void aDestinationThatRefusesBecauseItGaveUpIsLost(Phase phase) {
    Sighting gaveUp = Scene.refuses(TAKES, Refusal.Code.VOIDED, "Renew");
    Failure lost = Scene.failure(Scene.in(phase).destination(gaveUp).decides());
    assertEquals(Failure.Code.DESTINATION_LOST, lost.code());
    Sighting other = Scene.refuses(TAKES, Refusal.Code.RIVAL_EPOCH, "Renew");
    assertNull(Scene.in(phase).destination(other).decides().trigger());
  }

  @Test
  void aRefusedClaimNamesHostRequestCodeAndReason() {
    Sighting refuses = Scene.refuses(Sighting.NONE, Refusal.Code.DEVICE_CLAIMED, "ClaimSource");
    Failure source = Scene.failure(Scene.in(Phase.PREPARING).source(refuses).decides());
    assertEquals(Failure.Code.CLAIM_REFUSED, source.code());
    assertEquals("host-a refused ClaimSource: DEVICE_CLAIMED, why it is so", source.detail());
    assertEquals("host-a", source.host());
    Failure destination = Scene.failure(Scene.in(Phase.PREPARING).destination(refuses).decides());
    assertEquals(Failure.Code.CLAIM_REFUSED, destination.code());
    assertEquals("host-b", destination.host());
  }

  /** Before the claims are made no agent knows of them; afterwards one that does not lost them. */
  @Test
  void anAgentThatKnowsOfNoClaimIsNewsOnceThereWasOne() {
    Sighting unclaimed = Scene.unclaimed();
    Scene preparing = Scene.in(Phase.PREPARING).source(unclaimed).destination(unclaimed);
    assertNull(preparing.decides().trigger());
    Failure failure = Scene.failure(Scene.in(Phase.QUIESCING).source(unclaimed).decides());
    assertEquals(Failure.Code.REQUEST_REFUSED, failure.code());
  }

  @Test
  void aDeviceThatIsStuckNamesItselfAndADeadOneIsCalledDead() {
    var slow = List.of(Scene.device("d1", DeviceState.RUNNING, "EBUSY(16)"));
    Sighting stuck = stuck(Goal.RUNNING, slow);
    Failure hop = Scene.failure(Scene.in(Phase.PREPARING).source(stuck).decides());
    assertEquals(Failure.Code.HOP_FAILED, hop.code());
    assertEquals("host-a d1: EBUSY(16)", hop.detail());
    var dead = List.of(Scene.device("d1", DeviceState.ERROR, null));
    Failure error =
        Scene.failure(Scene.in(Phase.PRECOPYING).source(stuck(Goal.PRE_COPY, dead)).decides());
    assertEquals(Failure.Code.DEVICE_ERROR, error.code());
    assertEquals("host-a d1: it is in ERROR", error.detail());
    assertEquals("d1", error.device());
  }

  @Test
  void ofManyDevicesTheOneInTroubleIsNamed() {
    DeviceReport sound = Scene.device("d0", DeviceState.RUNNING, null);
    for (DeviceReport bad :
        List.of(
            Scene.device("d1", DeviceState.RUNNING, "EBUSY(16)"),
            Scene.device("d1", DeviceState.ERROR, null))) {
      Sighting stuck = stuck(Goal.RUNNING, List.of(sound, bad));
      Failure failure = Scene.failure(Scene.in(Phase.PREPARING).source(stuck).decides());
      assertEquals("d1", failure.device());
    }
  }

  @Test
  void aSourceThatRefusesToPreCopyLeadsBack() {
    Sighting claimed = Scene.seen(SOURCE, Goal.RUNNING, Progress.REACHED);
    Sighting refuses = Scene.refuses(claimed, Refusal.Code.DEVICE_NOT_RUNNING, "PreCopy");
    Failure failure = Scene.failure(Scene.in(Phase.PRECOPYING).source(refuses).decides());
    assertEquals(Failure.Code.REQUEST_REFUSED, failure.code());
    assertEquals("host-a", failure.host());
  }

  /** Only where the barrier paused it can anybody else have let it run. */
  @Test
  void aGuestThatRunsInTheBarrierWasLetRunBySomebodyElse() {
    for (Goal goal : Goal.values()) {
      boolean barrier = goal != Goal.RUNNING && goal != Goal.PRE_COPY;
      Scene scene = Scene.in(Phase.FREEZING).source(guestRuns(SOURCE, goal));
      String said = barrier ? "; somebody else let the guest vm run there" : "";
      assertEquals(said, Trouble.guest(scene.known(), SOURCE), goal::name);
    }
    Scene there = Scene.in(Phase.RESUMING).destination(guestRuns(DESTINATION, Goal.STOPPED));
    assertEquals("", Trouble.guest(there.known(), DESTINATION));
  }

  private static Sighting guestRuns(Side side, Goal goal) {
    var r = Objects.requireNonNull(Scene.seen(side, goal, Progress.STUCK).report());
    return Scene.sighting(
        new ClaimReport(
            r.migration(),
            r.side(),
            r.sequence(),
            r.promised(),
            r.standing(),
            r.goal(),
            r.progress(),
            GuestState.RUNNING,
            r.stop(),
            r.receipts(),
            r.devices(),
            r.hops(),
            r.hopsTotal()));
  }

  @Test
  void aSideThatIsStuckWithoutADeviceInTroubleNamesItsGoal() {
    Sighting stuck = Scene.seen(DESTINATION, Goal.RESUMING, Progress.STUCK);
    Failure preparing = Scene.failure(Scene.in(Phase.PREPARING).destination(stuck).decides());
    assertEquals(Failure.Code.HOP_FAILED, preparing.code());
    assertEquals("host-b is stuck on the way to RESUMING", preparing.detail());
    Failure stream = Scene.failure(Scene.in(Phase.PRECOPYING).destination(stuck).decides());
    assertEquals(Failure.Code.STREAM_BROKEN, stream.code());
    Sighting load = Scene.seen(DESTINATION, Goal.STOPPED, Progress.STUCK);
    Failure loading = Scene.failure(Scene.in(Phase.COPYING).destination(load).decides());
    assertEquals(Failure.Code.LOAD_FAILED, loading.code());
    Sighting refuses = Scene.refuses(TAKES, Refusal.Code.CLAIM_CLOSED, "Load");
    Failure refused = Scene.failure(Scene.in(Phase.COPYING).destination(refuses).decides());
    assertEquals(Failure.Code.LOAD_FAILED, refused.code());
  }

  @Test
  void aSourceThatIsStuckOnAnEarlierGoalIsAskedForTheNextOne() {
    Sighting before = Scene.seen(SOURCE, Goal.QUIESCED, Progress.STUCK);
    assertNull(Scene.in(Phase.FREEZING).source(before).decides().trigger());
    Failure here =
        Scene.failure(
            Scene.in(Phase.FREEZING)
                .source(Scene.seen(SOURCE, Goal.FROZEN, Progress.STUCK))
                .decides());
    assertEquals(Failure.Code.HOP_FAILED, here.code());
    Failure copying =
        Scene.failure(
            Scene.in(Phase.COPYING)
                .source(Scene.seen(SOURCE, Goal.COPYING, Progress.STUCK))
                .decides());
    assertEquals(Failure.Code.STREAM_BROKEN, copying.code());
  }

  @Test
  void aSourceThatWentBackByItselfEndsTheBarrier() {
    Sighting back = Scene.seen(SOURCE, Goal.RUNNING, Progress.MOVING);
    Failure walked = Scene.failure(Scene.in(Phase.COPYING).source(back).decides());
    assertEquals(Failure.Code.SOURCE_WALKED_BACK, walked.code());
    assertEquals("host-a", walked.host());
    Sighting closed = Scene.closed(SOURCE, Goal.RUNNING);
    assertEquals(
        Failure.Code.SOURCE_WALKED_BACK,
        Scene.failure(Scene.in(Phase.QUIESCING).source(closed).decides()).code());
    Sighting before =
        Scene.sighting(
            Scene.report(
                SOURCE, Standing.OPEN, Goal.RUNNING, Progress.REACHED, null, List.of(), List.of()));
    assertNull(Scene.in(Phase.QUIESCING).source(before).decides().trigger(), "it never left");
  }

  @Test
  void nothingThatIsNotSealedGoesOnWithoutAJournal() {
    for (Phase phase : List.of(Phase.QUIESCING, Phase.FREEZING, Phase.COPYING, Phase.SEALING)) {
      Failure failure = Scene.failure(Scene.in(phase).journalFails().decides());
      assertEquals(Failure.Code.JOURNAL_UNAVAILABLE, failure.code());
    }
    assertNull(Scene.in(Phase.RESUMING).journalFails().decides().trigger());
  }

  @Test
  void aBudgetIsSpentAfterItsLastMillisecondAndSaysHowMuch() {
    Migration m = Orders.in(Phase.COPYING, Evidence.NONE, Scene.STOP, Orders.order(2, false, 100));
    assertNull(Scene.of(m).at(101).decides().trigger());
    Failure spent = Scene.failure(Scene.of(m).at(102).decides());
    assertEquals("dark for 101 ms of 100 ms before the seal", spent.detail());
    Migration none = Orders.in(Phase.COPYING, Evidence.NONE, Scene.STOP);
    assertNull(Scene.of(none).at(10_000).decides().trigger(), "no budget is no limit");
  }

  @Test
  void anAbortNamesWhoAndWhy() {
    Note wish = new Note.AbortWished(new Migration.Wish("ops", "wrong rack", 1));
    Failure failure = Scene.failure(Scene.in(Phase.COPYING).noted(wish).decides());
    assertEquals("asked by ops: wrong rack", failure.detail());
  }

  private static Sighting stuck(Goal goal, List<DeviceReport> devices) {
    return Scene.seen(SOURCE, Standing.OPEN, goal, Progress.STUCK, devices);
  }
}
