package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.ResetRule.Code;
import io.fermata.handover.ResetRule.Facts;
import io.fermata.handover.message.ClaimReport;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a device may be reset on an operator's word; each test changes one fact. */
class ResetRuleTest {
  private static final MigrationId ID = new MigrationId("m0001");
  private static final Stop STOP = new Stop("slate", 1);
  private static final HostName THERE = new HostName("host-b");
  private static final Receipt SEALED = new Receipt.Sealed(ID, STOP, THERE, List.of());
  private static final Receipt STARTED = new Receipt.Started(ID, STOP, THERE);
  private static final Set<DeviceState> TAKE_DMA =
      EnumSet.complementOf(
          EnumSet.of(
              DeviceState.STOP, DeviceState.STOP_COPY, DeviceState.RESUMING, DeviceState.UNKNOWN));

  @ParameterizedTest
  @EnumSource(DeviceState.class)
  void oneThatIsNobodysMayBeInAnyState(DeviceState state) {
    assertEquals(null, code(new Facts("gpu0", state, false, null, null, Map.of()), false));
  }

  @ParameterizedTest
  @EnumSource(DeviceState.class)
  void oneOfAGuestMustBeInError(DeviceState state) {
    Code expected = state == DeviceState.ERROR ? null : Code.NOT_IN_ERROR;
    assertEquals(expected, code(owned(state, false, null, DeviceState.RUNNING), true));
    assertEquals(Code.GUEST_IMPACT, code(owned(state, false, null, DeviceState.RUNNING), false));
  }

  @ParameterizedTest
  @EnumSource(DeviceState.class)
  void noSiblingMayBeFrozenOrUnknown(DeviceState sibling) {
    Code expected = TAKE_DMA.contains(sibling) ? null : Code.BARRIER;
    assertEquals(expected, code(owned(DeviceState.ERROR, false, null, sibling), true));
  }

  @Test
  void aCallThatIsOutIsWaitedFor() {
    assertEquals(Code.BUSY, code(owned(DeviceState.ERROR, true, null, DeviceState.RUNNING), true));
    assertEquals(
        Code.BUSY, code(new Facts("g", DeviceState.UNKNOWN, true, null, null, Map.of()), false));
  }

  @Test
  void onlyTheHostThatMayRunTheSetResetsOneOfIt() {
    assertEquals(null, code(claimed(Side.SOURCE), true));
    assertEquals(Code.NOT_RUN_HERE, code(claimed(Side.SOURCE, SEALED), true));
    assertEquals(Code.NOT_RUN_HERE, code(claimed(Side.DESTINATION), true));
    assertEquals(null, code(claimed(Side.DESTINATION, SEALED, STARTED), true));
  }

  private static Facts claimed(Side side, Receipt... receipts) {
    var report =
        new ClaimReport(
            ID,
            side,
            1,
            new Epoch(1, "test"),
            ClaimReport.Standing.OPEN,
            Goal.RUNNING,
            ClaimReport.Progress.STUCK,
            ClaimReport.GuestState.RUNNING,
            STOP,
            List.of(receipts),
            List.of(),
            List.of(),
            0,
            null);
    return owned(DeviceState.ERROR, false, report, DeviceState.RUNNING);
  }

  private static Facts owned(
      DeviceState state, boolean busy, ClaimReport claim, DeviceState sibling) {
    return new Facts("gpu0", state, busy, "vm-1", claim, Map.of("nic0", sibling));
  }

  private static Code code(Facts facts, boolean allowGuestImpact) {
    return ResetRule.objection(facts, allowGuestImpact).map(ResetRule.Objection::code).orElse(null);
  }
}
