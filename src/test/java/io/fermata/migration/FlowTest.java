package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the reports of a copy say one after another. */
class FlowTest {
  private static final long SECOND = 1_000_000_000;

  private static ClaimReport report(DeviceReport... devices) {
    return Scene.report(
        Side.SOURCE,
        Standing.OPEN,
        Goal.PRE_COPY,
        Progress.REACHED,
        null,
        List.of(devices),
        List.of());
  }

  private static DeviceReport device(
      String name, DeviceState state, long moved, @Nullable Long left) {
    return new DeviceReport(new DeviceName(name), state, null, 0, null, moved, left, 0);
  }

  private static DeviceReport copying(long moved, @Nullable Long left) {
    return device("d0", DeviceState.PRE_COPY, moved, left);
  }

  @Test
  void anAnswerThatWasOvertakenSaysNothing() {
    Flow flow = Flow.NONE.after(report(copying(10, 100L)), SECOND);
    assertSame(flow, flow.after(report(copying(5, 200L)), SECOND));
    assertSame(flow, flow.after(report(copying(5, 200L)), SECOND - 1));
  }

  @Test
  void asMuchAsBeforeIsNoGain() {
    Flow flow = Flow.NONE.after(report(copying(10, 100L)), SECOND);
    flow = flow.after(report(copying(20, 100L)), 3 * SECOND);
    assertEquals(2 * SECOND, flow.stalledNanos());
    flow = flow.after(report(copying(30, 99L)), 4 * SECOND);
    assertEquals(0, flow.stalledNanos());
    assertEquals(99, flow.bestLeft());
  }

  /** The least that was left is forgotten with the set or the stream that it was of, not before. */
  @Test
  void aStreamThatStandsStillIsTheSameStream() {
    Flow flow = Flow.NONE.after(report(copying(10, 100L)), SECOND);
    flow = flow.after(report(copying(20, 100L)), 3 * SECOND);
    flow = flow.after(report(copying(20, 110L)), 4 * SECOND);
    assertEquals(100, flow.bestLeft());
    assertEquals(2 * SECOND, flow.stalledNanos());
  }

  @Test
  void theRateIsSmoothedOverTwoSeconds() {
    Flow flow = Flow.NONE.after(report(copying(0, 900L)), SECOND);
    assertNull(flow.bytesPerSecond());
    flow = flow.after(report(copying(200, 700L)), 3 * SECOND);
    assertEquals(100, rate(flow), 1e-9, "the first is taken as it is");
    flow = flow.after(report(copying(200, 700L)), 5 * SECOND);
    assertEquals(100 / Math.E, rate(flow), 1e-9, "nothing for as long as it is smoothed over");
  }

  private static double rate(Flow flow) {
    Double rate = flow.bytesPerSecond();
    assertNotNull(rate);
    return rate;
  }

  @Test
  void whatTheWayGivesIsToldByFullOnesOnly() {
    Flow flow = Flow.NONE.after(report(copying(0, 900L)), SECOND);
    flow = flow.after(report(copying(100, 800L)), 2 * SECOND);
    flow = flow.after(report(copying(101, 0L)), 3 * SECOND);
    assertEquals(100.0, flow.fullBytesPerSecond(), "there was nothing more to send");
  }

  /** What was sent while the guest ran is remembered when the device has gone on. */
  @Test
  void whatEachSaidLastInPreCopyIsKept() {
    DeviceReport slow = device("d1", DeviceState.PRE_COPY_P2P, 7, null);
    DeviceReport plain = device("d2", DeviceState.RUNNING, 3, null);
    Flow flow = Flow.NONE.after(report(copying(10, 100L), slow, plain), SECOND);
    var first = new Flow.Early(10, 100L);
    var second = new Flow.Early(7, null);
    DeviceName d0 = new DeviceName("d0");
    DeviceName d1 = new DeviceName("d1");
    assertEquals(Map.of(d0, first, d1, second), flow.early());
    flow = flow.after(report(device("d0", DeviceState.STOP_COPY, 90, 0L), slow), 2 * SECOND);
    assertEquals(Map.of(d0, first, d1, second), flow.early());
    flow = flow.after(report(device("d0", DeviceState.STOP_COPY, 99, 0L)), 3 * SECOND);
    assertEquals(Map.of(d0, first, d1, second), flow.early());
    assertNull(flow.left(), "nobody pre-copies");
  }
}
