package io.fermata.migration;

import static io.fermata.handover.Side.SOURCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the course of a pre-copy says about its end; little is left at a mebibyte and below. */
class ConvergenceTest {
  private static final Terms TERMS = Terms.usual();
  private static final long MUCH = 64L << 20;
  private static final long LITTLE = 1L << 20;
  private static final Request RENEW =
      new Request.Renew(new Header(Orders.ID, new Epoch(1, "me"), 0, 0));

  private final SideRun side = new SideRun();
  private long sequence;

  @Test
  void preCopyIsDoneWhenNothingLessWasLeftForAWindow() {
    tells(0, one(0, MUCH));
    tells(1, one(10, MUCH - 10));
    for (int second = 2; second < 11; second++) {
      tells(second, one(10L * second, MUCH + second));
      assertFalse(isDone(), "only " + (second - 1) + " seconds");
    }
    tells(11, one(110, MUCH));
    assertTrue(isDone());
    assertEquals(MUCH - 10, flow().bestLeft());
  }

  @Test
  void aNewMinimumBeginsTheWindowAnew() {
    tells(0, one(0, MUCH));
    tells(9, one(10, MUCH + 1));
    tells(12, one(20, MUCH - 1));
    tells(21, one(30, MUCH));
    assertFalse(isDone());
    tells(22, one(40, MUCH));
    assertTrue(isDone());
  }

  /** A copy that cannot go on would take the guest into the dark, and stand still there. */
  @Test
  void theTimeOfAStreamThatStandsStillDoesNotCount() {
    tells(0, one(5, MUCH));
    tells(60, one(5, MUCH));
    assertFalse(isDone());
    tells(69, one(6, MUCH));
    assertFalse(isDone());
    tells(70, one(7, MUCH));
    assertTrue(isDone());
  }

  /** The first to pre-copy have less left than all of them ever will. */
  @Test
  void theLeastOfAPartOfTheSetIsNoMeasureForTheWhole() {
    DeviceReport waits = device("d1", DeviceState.RUNNING, 0, null, 0);
    tells(0, device("d0", DeviceState.PRE_COPY, 0, 9L << 20, 0), waits);
    for (int second = 1; second <= 12; second++) {
      DeviceReport first = device("d0", DeviceState.PRE_COPY, second, 9L << 20, 0);
      long left = MUCH - second;
      tells(second, first, device("d1", DeviceState.PRE_COPY, second, left, 0));
      assertFalse(isDone());
    }
  }

  /** As while a stream looks for another connection. */
  @Test
  void whileNobodyTellsWhatIsLeftNothingIsReadyAndTheLeastIsRemembered() {
    tells(0, one(0, 2 * LITTLE));
    tells(1, device("d0", DeviceState.PRE_COPY, 1, null, 0));
    tells(20, device("d0", DeviceState.PRE_COPY, 2, null, 0));
    assertFalse(isDone());
    assertEquals(2 * LITTLE, flow().bestLeft());
    assertEquals(0, flow().stalledNanos());
    tells(21, one(3, 3 * LITTLE));
    assertFalse(isDone());
    tells(30, one(4, 3 * LITTLE));
    assertTrue(isDone());
  }

  @Test
  void whatOneDeviceDoesNotTellNobodyCanJudge() {
    DeviceReport mute = device("d1", DeviceState.PRE_COPY, 0, null, 0);
    for (int second = 0; second <= 12; second++) {
      tells(second, device("d0", DeviceState.PRE_COPY, second, MUCH, 0), mute);
      assertFalse(isDone());
    }
    assertNull(flow().left());
  }

  @Test
  void aDriverThatBeginsAnewIsNotReadyByThatWord() {
    tells(0, one(0, LITTLE));
    assertTrue(isDone());
    tells(1, device("d0", DeviceState.PRE_COPY, 1, LITTLE, 1));
    assertFalse(isDone(), "what it has left was told in the same breath");
    tells(2, device("d0", DeviceState.PRE_COPY, 2, LITTLE, 2));
    assertFalse(isDone(), "it says so again, until the new data was read");
    tells(3, device("d0", DeviceState.PRE_COPY, 3, LITTLE, 2));
    assertTrue(isDone(), "by figures from after its new beginning");
  }

  @Test
  void aDriverThatBeginsAnewVoidsTheLeastAndTheWindow() {
    tells(0, one(0, 2 * LITTLE));
    tells(9, one(9, 3 * LITTLE));
    tells(12, device("d0", DeviceState.PRE_COPY, 10, MUCH, 1));
    assertEquals(MUCH, flow().bestLeft());
    tells(13, device("d0", DeviceState.PRE_COPY, 11, MUCH - 1, 1));
    assertFalse(isDone());
    assertEquals(MUCH - 1, flow().bestLeft());
  }

  /** Sums would hide the one behind the other. */
  @Test
  void oneDeviceThatBeginsAnewIsEnough() {
    tells(0, device("d0", DeviceState.PRE_COPY, 5, 0L, 1), device("d1", 0));
    tells(1, device("d0", DeviceState.PRE_COPY, 6, 0L, 1), device("d1", 0));
    assertTrue(isDone());
    tells(2, device("d0", DeviceState.PRE_COPY, 7, 0L, 0), device("d1", 1));
    assertFalse(isDone());
  }

  @Test
  void timeAndTheWishForTheBarrierAskNoDriver() {
    tells(0, device("d0", DeviceState.PRE_COPY, 1, MUCH, 1));
    Scene late = Scene.in(Phase.PRECOPYING).source(side.sighting()).at(10_000);
    assertEquals(Trigger.CONVERGED, late.decides().trigger());
    Scene asked =
        Scene.in(Phase.PRECOPYING).source(side.sighting()).noted(new Note.SwitchoverWished("ops"));
    assertEquals(Trigger.CONVERGED, asked.decides().trigger());
  }

  @Test
  void anAnswerThatWasOvertakenChangesNothing() {
    tells(0, one(0, MUCH));
    tells(5, one(5, MUCH - 5));
    Flow before = flow();
    sequence = 0;
    tells(6, one(9, MUCH - 9));
    assertEquals(before, flow());
    sequence = 10;
    tells(4, one(9, MUCH - 9));
    assertEquals(before, flow());
  }

  @Test
  void anotherProcessOfTheAgentIsKnownFromItsOwnWordsOnly() {
    tells(0, one(50, LITTLE));
    answer("agent-2", 1, List.of(one(60, MUCH)));
    assertEquals(MUCH, flow().bestLeft());
    assertNull(flow().bytesPerSecond());
  }

  @Test
  void theRateFollowsWhatGoesOutAndIdlenessDoesNotSlowTheWay() {
    tells(0, one(0, MUCH));
    tells(1, one(1_000, MUCH));
    assertEquals(1_000.0, flow().bytesPerSecond());
    tells(2, one(3_000, 0L));
    double both = flow().bytesPerSecond();
    assertTrue(both > 1_000 && both < 2_000, "a mean of both: " + both);
    tells(8, one(3_000, 0L));
    assertTrue(flow().bytesPerSecond() < both / 10, "nothing was left to send");
    assertEquals(1_000.0, flow().fullBytesPerSecond());
  }

  @Test
  void silenceAndANewPhaseForgetNothing() {
    tells(0, one(0, MUCH));
    Flow before = flow();
    side.silent(RENEW, "no answer in time", 1, 1, TERMS);
    side.newPhase();
    side.askAnew();
    assertEquals(before, flow());
    assertEquals(before, side.view().flow());
  }

  private boolean isDone() {
    Scene scene = Scene.in(Phase.PRECOPYING).source(side.sighting());
    return scene.decides().trigger() == Trigger.CONVERGED;
  }

  private Flow flow() {
    return side.sighting().flow();
  }

  private void tells(long second, DeviceReport... devices) {
    answer("agent-1", second, List.of(devices));
  }

  private void answer(String agent, long second, List<DeviceReport> devices) {
    sequence++;
    ClaimReport report = report(sequence, new ArrayList<>(devices));
    long nanos = second * 1_000_000_000;
    var moment = new SideRun.Moment(nanos, nanos);
    side.answered(RENEW, new Answer(null, report, agent, nanos, nanos), moment, TERMS);
  }

  private static ClaimReport report(long sequence, List<DeviceReport> devices) {
    return Scene.numbered(
        sequence,
        Scene.report(
            SOURCE, Standing.OPEN, Goal.PRE_COPY, Progress.REACHED, null, devices, List.of()));
  }

  private static DeviceReport one(long moved, long left) {
    return device("d0", DeviceState.PRE_COPY, moved, left, 0);
  }

  /** One with nothing left. */
  private static DeviceReport device(String name, int restarts) {
    return device(name, DeviceState.PRE_COPY, 1, 0L, restarts);
  }

  private static DeviceReport device(
      String name, DeviceState state, long moved, @Nullable Long left, int restarts) {
    return new DeviceReport(new DeviceName(name), state, null, 0, null, moved, left, restarts);
  }
}
