package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.HopReport;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private static final Hop QUIESCE = new Hop(DeviceState.PRE_COPY, DeviceState.PRE_COPY_P2P);
  private static final String GPU = "gpu/gpu-a";
  private static final long MILLI = 1_000_000;

  private final Latencies latencies = new Latencies();

  private static HopReport report(long millis, HopReport.Outcome outcome) {
    return new HopReport(
        new DeviceName("gpu0"), QUIESCE, outcome, QUIESCE.to(), null, 5, 5 + millis * MILLI);
  }

  private void took(long... millis) {
    List<HopReport> reports =
        LongStream.of(millis).mapToObj(ms -> report(ms, HopReport.Outcome.DONE)).toList();
    latencies.learn(reports, device -> Optional.of(GPU));
  }

  @Test
  void nothingIsTypicalOfTwo() {
    took(40, 50);
    assertTrue(latencies.typical(GPU, QUIESCE).isEmpty());
  }

  @Test
  void theMiddleAndTheRareAreOfAllThatWereSeen() {
    took(LongStream.rangeClosed(1, 200).toArray());
    assertEquals(
        Optional.of(new Latencies.Typical(100, 198, 200)), latencies.typical(GPU, QUIESCE));
    assertTrue(latencies.typical("mlx5/connectx-a", QUIESCE).isEmpty());
  }

  @Test
  void whatIsOldIsForgotten() {
    took(LongStream.range(0, 256).map(i -> 900).toArray());
    took(LongStream.range(0, 256).map(i -> 20).toArray());
    assertEquals(Optional.of(new Latencies.Typical(20, 20, 256)), latencies.typical(GPU, QUIESCE));
  }

  @Test
  void ofManyDevicesTheSlowestIsSlowerThanTheMiddle() {
    took(LongStream.rangeClosed(1, 100).toArray());
    assertEquals(Optional.of(50.0), latencies.slowestOf(1, GPU, QUIESCE));
    assertEquals(Optional.of(89.0), latencies.slowestOf(8, GPU, QUIESCE));
  }

  @Test
  void aHopThatFailedTellsNothing() {
    latencies.learn(
        List.of(
            report(1, HopReport.Outcome.UNKNOWN),
            report(1, HopReport.Outcome.REFUSED),
            report(1, HopReport.Outcome.MOVED)),
        device -> Optional.of(GPU));
    assertTrue(latencies.typical(GPU, QUIESCE).isEmpty());
  }

  @Test
  void noMoreKindsAreKeptThanThereIsRoomFor() {
    for (int i = 0; i < 2_000; i++) {
      String profile = "driver/" + i;
      latencies.learn(
          List.of(
              report(7, HopReport.Outcome.DONE),
              report(7, HopReport.Outcome.DONE),
              report(7, HopReport.Outcome.DONE)),
          device -> Optional.of(profile));
    }
    assertTrue(latencies.typical("driver/0", QUIESCE).isPresent());
    assertTrue(latencies.typical("driver/1999", QUIESCE).isEmpty());
  }
}
