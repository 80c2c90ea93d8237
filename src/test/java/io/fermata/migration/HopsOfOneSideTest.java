package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Request;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hops of one side, put together from answers that overlap and from agents that restart. */
class HopsOfOneSideTest {
  private static final MigrationId ID = new MigrationId("m0001");
  private static final Epoch EPOCH = new Epoch(1, "test");
  private final SideRun side = new SideRun();
  private long sequence;

  @Test
  void hopsOfARestartedAgentAreNeitherLostNorTakenTwice() {
    answers("before", hops(1, 2), 2);
    answers("before", hops(3, 4), 4);
    assertEquals(hops(1, 2, 3, 4), side.sighting().hops());
    answers("after", hops(15, 16), 6); // it was asked for those after the fourth of its own
    assertEquals(List.of(), side.sighting().hops());
    answers("after", hops(11, 12, 13, 14, 15, 16), 6);
    assertEquals(hops(11, 12, 13, 14, 15, 16), side.sighting().hops());
  }

  @Test
  void hopsThatTwoAnswersBringAreTakenOnce() {
    answers("before", hops(1, 2), 2);
    answers("before", hops(2, 3), 3);
    assertEquals(hops(1, 2, 3), side.sighting().hops());
  }

  private static List<HopReport> hops(int... times) {
    return Arrays.stream(times)
        .mapToObj(time ->
            new HopReport(
                new DeviceName("d"),
                new Hop(DeviceState.STOP_COPY, DeviceState.STOP),
                HopReport.Outcome.DONE,
                DeviceState.STOP,
                null,
                time,
                time))
        .toList();
  }

  private void answers(String agent, List<HopReport> hops, int total) {
    var report =
        new ClaimReport(
            ID,
            Side.SOURCE,
            ++sequence,
            EPOCH,
            ClaimReport.Standing.OPEN,
            Goal.RUNNING,
            ClaimReport.Progress.MOVING,
            ClaimReport.GuestState.UNKNOWN,
            null,
            List.of(),
            List.of(),
            hops,
            total);
    side.answered(
        new Request.Renew(new Header(ID, EPOCH, 0, 0)),
        new Answer(null, report, agent, 0, 0),
        new SideRun.Moment(0, 0),
        Terms.usual());
  }
}
