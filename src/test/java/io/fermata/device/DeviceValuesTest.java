package io.fermata.device;

import static io.fermata.device.DeviceState.ERROR;
import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static io.fermata.device.DeviceState.UNKNOWN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities.Capability;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the small words of this room say, each of them once. */
class DeviceValuesTest {
  private static final Capabilities ALL = Capabilities.ofFlags(7);
  private static final DeviceName ONE = new DeviceName("one");
  private static final DeviceName TWO = new DeviceName("two");

  /** The oracle of every other test of the barrier must itself see a barrier that broke. */
  @ParameterizedTest
  @CsvSource({
    "STOP, RUNNING, true",
    "STOP_COPY, RUNNING, true",
    "RESUMING, PRE_COPY, true",
    "RUNNING, STOP, true",
    "UNKNOWN, RUNNING, true",
    "RUNNING_P2P, RUNNING, false",
    "RUNNING_P2P, STOP, false",
    "STOP, STOP_COPY, false",
    "PRE_COPY_P2P, STOP_COPY, false",
    "RUNNING, RUNNING, false"
  })
  void aFrozenDeviceBesideOneThatIssuesDmaIsABrokenBarrier(
      DeviceState one, DeviceState two, boolean broken) {
    assertEquals(broken, HopPlan.violated(Map.of(ONE, one, TWO, two)));
  }

  @Test
  void aDeviceIsNoPeerOfItself() {
    assertFalse(HopPlan.violated(Map.of(ONE, UNKNOWN)));
    assertFalse(HopPlan.violated(Map.of()));
  }

  @Test
  void aGoalIsReachedOnceNothingIsInFlight() {
    Member there = member(ONE, STOP, null);
    assertTrue(HopPlan.reached(Goal.STOPPED, List.of(there)));
    assertFalse(HopPlan.reached(Goal.STOPPED, List.of(there, member(TWO, RUNNING_P2P, null))));
    assertFalse(HopPlan.reached(Goal.STOPPED, List.of(there, member(TWO, STOP, STOP_COPY))));
    assertTrue(HopPlan.reached(Goal.STOPPED, List.of(there, member(TWO, ERROR, null))));
    assertFalse(HopPlan.reached(Goal.STOPPED, List.of(there, member(TWO, ERROR, STOP))));
  }

  @Test
  void aDeviceWithoutP2pIsQuiescedWhileItRuns() {
    Capabilities plain = Capabilities.of(Capability.STOP_COPY);
    assertTrue(Goal.QUIESCED.reachedBy(RUNNING, plain));
    assertFalse(Goal.QUIESCED.reachedBy(STOP, plain));
    assertFalse(Goal.QUIESCED.reachedBy(RUNNING, ALL));
    assertTrue(Goal.QUIESCED.reachedBy(RUNNING_P2P, ALL));
    assertTrue(Goal.QUIESCED.reachedBy(PRE_COPY_P2P, ALL));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      value = {
        "RUNNING; RUNNING_P2P; 7; -",
        "RUNNING; STOP; 7; RUNNING→STOP is a combination arc: the kernel would walk through"
            + " [RUNNING_P2P] and past the gates quiesced frozen without its peers",
        "STOP; RUNNING; 7; STOP→RUNNING is a combination arc: the kernel would walk through"
            + " [RUNNING_P2P] and past the gates thawed running without its peers",
        "STOP; PRE_COPY; 7; STOP→PRE_COPY is a combination arc: the kernel would walk through"
            + " [RUNNING_P2P, RUNNING] and past the gates thawed running without its peers",
        "PRE_COPY_P2P; RUNNING; 7; PRE_COPY_P2P→RUNNING is a combination arc: the kernel would"
            + " walk through [RUNNING_P2P] and past the gates running without its peers",
        "RUNNING; PRE_COPY_P2P; 7; RUNNING→PRE_COPY_P2P is a combination arc: the kernel would"
            + " walk through [RUNNING_P2P] and past the gates quiesced without its peers",
        "STOP; STOP; 7; the device is in STOP already",
        "RUNNING; PRE_COPY; 3; the kernel has no way RUNNING→PRE_COPY for a device with flags 3"
            + " [STOP_COPY, P2P]",
        "STOP; ERROR; 7; the kernel has no way STOP→ERROR for a device with flags 7"
            + " [STOP_COPY, P2P, PRE_COPY]"
      })
  void anObjectionSaysWhatWouldBePassed(DeviceState from, DeviceState to, int flags, String words) {
    Optional<String> said = new Hop(from, to).objection(Capabilities.ofFlags(flags));
    assertEquals(Optional.ofNullable(words), said);
  }

  @Test
  void aPathNamesEveryStateAndTheTargetLast() {
    assertEquals(List.of(RUNNING_P2P, STOP, STOP_COPY), Arcs.path(RUNNING, STOP_COPY, ALL));
    assertEquals(List.of(), Arcs.path(STOP, STOP, ALL));
    assertEquals(List.of(), Arcs.path(RUNNING, PRE_COPY, Capabilities.ofFlags(1)));
    assertTrue(Arcs.direct(STOP, RESUMING, ALL));
    assertFalse(Arcs.direct(RUNNING, STOP, ALL));
    assertFalse(Arcs.direct(STOP, STOP, ALL));
  }

  /** The numbers of {@code enum vfio_device_mig_state}. */
  @ParameterizedTest
  @CsvSource({
    "ERROR, 0",
    "STOP, 1",
    "RUNNING, 2",
    "STOP_COPY, 3",
    "RESUMING, 4",
    "RUNNING_P2P, 5",
    "PRE_COPY, 6",
    "PRE_COPY_P2P, 7"
  })
  void aStateHasTheKernelsNumber(DeviceState state, int code) {
    assertEquals(code, state.code());
    assertEquals(state, DeviceState.ofCode(code));
    assertEquals(UNKNOWN, DeviceState.ofCode(code + 8));
  }

  @Test
  void namesFlagsAndHopsReadAsTheyAreWritten() {
    for (int flags = 0; flags < 8; flags++) {
      assertEquals(flags, Capabilities.ofFlags(flags | 8).flags());
    }
    assertEquals("one", ONE.toString());
    assertEquals("PRE_COPY→RESUMING", new Hop(PRE_COPY, RESUMING).toString());
  }

  private static Member member(DeviceName name, DeviceState state, DeviceState heading) {
    Member member = new Member(name, ALL, state, null, false);
    return heading == null ? member : member.heading(heading);
  }
}
