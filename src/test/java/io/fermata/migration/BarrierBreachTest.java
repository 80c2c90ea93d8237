package io.fermata.migration;

import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static io.fermata.device.DeviceState.UNKNOWN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.BarrierBreach.Rule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the hop reports of a side prove about its barrier. */
class BarrierBreachTest {
  private final List<HopReport> hops = new ArrayList<>();

  private BarrierBreachTest hop(String device, DeviceState from, DeviceState to, int at, int end) {
    return hop(device, from, to, to, at, end);
  }

  private BarrierBreachTest hop(
      String device, DeviceState from, DeviceState to, DeviceState found, int at, int end) {
    Hop hop = new Hop(from, to);
    hops.add(
        new HopReport(
            new DeviceName(device), hop, HopReport.judge(hop, found), found, null, at, end));
    return this;
  }

  private List<Rule> atSource() {
    return BarrierBreach.atSource(hops).stream().map(BarrierBreach::rule).toList();
  }

  private BarrierBreachTest quiet() {
    return hop("a", RUNNING, RUNNING_P2P, 0, 10).hop("b", RUNNING, RUNNING_P2P, 0, 20);
  }

  @Test
  void bothGatesDownAndBothGatesUpAreNoBreach() {
    quiet()
        .hop("a", RUNNING_P2P, STOP, 20, 30)
        .hop("b", RUNNING_P2P, STOP, 21, 25)
        .hop("a", STOP, STOP_COPY, 30, 31)
        .hop("a", STOP_COPY, STOP, 40, 41)
        .hop("a", STOP, RUNNING_P2P, 41, 50)
        .hop("b", STOP, RUNNING_P2P, 41, 60)
        .hop("b", RUNNING_P2P, RUNNING, 60, 61)
        .hop("a", RUNNING_P2P, RUNNING, 60, 62);
    assertEquals(List.of(), atSource());
  }

  @Test
  void aDeviceThatFreezesWhileAnotherIsOnItsWayToQuietIsABreach() {
    quiet().hop("a", RUNNING_P2P, STOP, 19, 30);
    var breach = BarrierBreach.atSource(hops).getFirst();
    assertEquals(Rule.FROZE_BEFORE_QUIET, breach.rule());
    assertEquals(new DeviceName("a"), breach.moved());
    assertEquals(new DeviceName("b"), breach.other());
    assertEquals(19, breach.nanos());
  }

  @Test
  void aDeviceThatRunsWhileAnotherIsStillFrozenIsABreach() {
    quiet()
        .hop("a", RUNNING_P2P, STOP, 20, 30)
        .hop("b", RUNNING_P2P, STOP, 20, 30)
        .hop("a", STOP, RUNNING_P2P, 40, 50)
        .hop("b", STOP, RUNNING_P2P, 40, 60)
        .hop("a", RUNNING_P2P, RUNNING, 59, 70);
    assertEquals(List.of(Rule.RAN_BEFORE_THAWED), atSource());
  }

  @Test
  void aRefusedQuiesceLeavesTheDeviceWhereItWas() {
    hop("a", RUNNING, RUNNING_P2P, 0, 10)
        .hop("b", RUNNING, RUNNING_P2P, RUNNING, 0, 10)
        .hop("a", RUNNING_P2P, STOP, 20, 30);
    assertEquals(List.of(Rule.FROZE_BEFORE_QUIET), atSource());
  }

  @Test
  void aStateThatCannotBeReadProvesNothing() {
    hop("a", RUNNING, RUNNING_P2P, 0, 10)
        .hop("b", RUNNING, RUNNING_P2P, UNKNOWN, 0, 10)
        .hop("a", RUNNING_P2P, STOP, 20, 30);
    assertEquals(List.of(), atSource());
  }

  @Test
  void oneDeviceAloneBreaksNothing() {
    hop("a", RUNNING, STOP, 0, 10).hop("a", STOP, RUNNING, 20, 30);
    assertEquals(List.of(), atSource());
  }

  @Test
  void aDestinationIsHeldToItFromItsLastLoadOn() {
    hop("a", RUNNING, RUNNING_P2P, 0, 1)
        .hop("a", RUNNING_P2P, STOP, 1, 2)
        .hop("b", RUNNING, RUNNING_P2P, 3, 4)
        .hop("a", RESUMING, STOP, 10, 20)
        .hop("b", RESUMING, STOP, 10, 30)
        .hop("a", STOP, RUNNING_P2P, 30, 40)
        .hop("b", STOP, RUNNING_P2P, 30, 50);
    assertEquals(List.of(), BarrierBreach.atDestination(hops));
    hop("a", RUNNING_P2P, RUNNING, 45, 60);
    assertEquals(
        List.of(Rule.RAN_BEFORE_THAWED),
        BarrierBreach.atDestination(hops).stream().map(BarrierBreach::rule).toList());
  }
}
