package io.fermata.migration.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.GuestTimes;
import io.fermata.migration.Live;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Outcome;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The guest's blackout as the agents measured it. */
class GuestBlackoutTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void forwardItSpansTwoClocksAndTheirDoubtIsAdded() {
    var source = side(Side.SOURCE, new GuestTimes(5 * SECOND, null), 100 * SECOND, 1_000_000);
    var there = side(Side.DESTINATION, new GuestTimes(null, 2 * SECOND), 104 * SECOND, 2_000_000);
    assertEquals(OptionalDouble.of(1.003), of(Outcome.SUCCEEDED, source, there));
  }

  @Test
  void backItIsReadOnOneClock() {
    var source = side(Side.SOURCE, new GuestTimes(5 * SECOND, 7 * SECOND), 0, Long.MAX_VALUE);
    assertEquals(OptionalDouble.of(2), of(Outcome.ROLLED_BACK, source, source));
  }

  @Test
  void whereAnAgentDidNotDoBothThereIsNone() {
    var source = side(Side.SOURCE, new GuestTimes(5 * SECOND, null), 0, 0);
    var held = side(Side.DESTINATION, null, 0, 0);
    assertEquals(OptionalDouble.empty(), of(Outcome.SUCCEEDED, source, held));
    assertEquals(OptionalDouble.empty(), of(Outcome.ROLLED_BACK, source, held));
  }

  @Test
  void aClockThatWasNeverMappedMeasuresNothingAcrossHosts() {
    var source = side(Side.SOURCE, new GuestTimes(5 * SECOND, null), 0, 0);
    var there = side(Side.DESTINATION, new GuestTimes(null, 6 * SECOND), 0, Long.MAX_VALUE);
    assertEquals(OptionalDouble.empty(), of(Outcome.SUCCEEDED, source, there));
  }

  private static OptionalDouble of(Outcome outcome, Live.SideView source, Live.SideView there) {
    Onlooker.Sides sides = side -> side == Side.SOURCE ? source : there;
    return GuestBlackout.seconds(outcome, sides);
  }

  private static Live.SideView side(
      Side side, @Nullable GuestTimes times, long offset, long uncertainty) {
    var report =
        new ClaimReport(
            new MigrationId("m0001"),
            side,
            1,
            new Epoch(1, "test"),
            ClaimReport.Standing.OPEN,
            Goal.RUNNING,
            ClaimReport.Progress.REACHED,
            GuestState.RUNNING,
            null,
            List.of(),
            List.of(),
            List.of(),
            0,
            times);
    var clock = new Live.ClockMapping(offset, uncertainty);
    return new Live.SideView(report, null, null, 0, null, List.of(), clock);
  }
}
