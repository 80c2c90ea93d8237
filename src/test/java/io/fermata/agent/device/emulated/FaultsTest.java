package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.ERROR;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final DeviceName NAME = new DeviceName("dev0");
  private static final DeviceSettings SETTINGS =
      Rig.small(EmulatedProfile.CONNECTX, 7).holding("vm");

  private final VirtualPace pace = new VirtualPace();
  private final EmulatedHost host = Rig.host(pace, SETTINGS);
  private final EmulatedDevice device = host.device(NAME);

  @Test
  void aRefusedHopLeavesTheDeviceWhereItWasAndTheNextTryWorks() {
    host.inject(NAME, Fault.refused(RUNNING, RUNNING_P2P, Errno.EBUSY));
    Rig.refused(Errno.EBUSY, () -> device.move(RUNNING_P2P));
    assertEquals(RUNNING, device.state());
    device.move(RUNNING_P2P);
    assertEquals(RUNNING_P2P, device.state());
  }

  @Test
  void aFaultHitsItsOwnOccurrenceOrEveryOne() {
    host.inject(NAME, Fault.refused(RUNNING, RUNNING_P2P, Errno.EIO).at(2));
    host.inject(NAME, Fault.refused(RUNNING_P2P, STOP, Errno.ETIMEDOUT).at(0));
    Rig.move(device, RUNNING_P2P, RUNNING);
    Rig.refused(Errno.EIO, () -> device.move(RUNNING_P2P));
    Rig.move(device, RUNNING_P2P);
    for (int i = 0; i < 3; i++) {
      Rig.refused(Errno.ETIMEDOUT, () -> device.move(STOP));
    }
  }

  @Test
  void aCallMayFailHalfWayOrEvenHavingArrived() {
    host.inject(NAME, Fault.moved(RUNNING, STOP_COPY, 2, Errno.EIO));
    Rig.refused(Errno.EIO, () -> device.move(STOP_COPY));
    assertEquals(STOP, device.state());
    host.inject(NAME, Fault.moved(STOP, RUNNING_P2P, 1, Errno.EIO));
    Rig.refused(Errno.EIO, () -> device.move(RUNNING_P2P));
    assertEquals(RUNNING_P2P, device.state());
  }

  @Test
  void errorIsLeftOnlyByAResetAndTheResetLosesTheState() {
    device.move(STOP_COPY);
    host.inject(NAME, Fault.error(STOP_COPY, STOP));
    Rig.refused(Errno.EIO, () -> device.move(STOP));
    assertEquals(ERROR, device.state());
    Rig.refused(Errno.ENODEV, () -> Rig.drain(device, 100));
    for (DeviceState to : DeviceState.values()) {
      Rig.refused(Errno.EINVAL, () -> device.move(to));
    }
    device.reset();
    assertEquals(RUNNING, device.state());
    assertTrue(device.contents().identity().isBlank());
  }

  @Test
  void aLateHopArrivesAndTellsLater() {
    host.inject(NAME, Fault.late(RUNNING, RUNNING_P2P, Duration.ofSeconds(3)));
    device.move(RUNNING_P2P);
    assertEquals(Duration.ofSeconds(3).toNanos(), pace.nanoTime());
    assertEquals(RUNNING_P2P, device.state());
  }

  @Test
  void aHangingHopKeepsGetWaitingUntilItIsReleased() {
    host.inject(NAME, Fault.hang(RUNNING, RUNNING_P2P, null));
    CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> device.move(RUNNING_P2P));
    await().until(() -> host.events().getLast().kind() == DeviceEvent.Kind.BEGAN);
    CompletableFuture<DeviceState> asked = CompletableFuture.supplyAsync(device::state);
    assertTrue(!asked.isDone() && !moving.isDone());
    await().until(() -> host.release(NAME));
    assertEquals(RUNNING_P2P, asked.join());
    moving.join();
  }

  @Test
  void aDriverThatAnswersAtOnceTellsTheStateBeforeTheHop() {
    DeviceSettings atOnce = SETTINGS.with(Traits.OF_PROFILE.withStateAtOnce());
    EmulatedHost other = Rig.host(pace, atOnce);
    EmulatedDevice open = other.device(NAME);
    other.inject(NAME, Fault.hang(RUNNING, RUNNING_P2P, null));
    CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> open.move(RUNNING_P2P));
    await().until(() -> other.events().getLast().kind() == DeviceEvent.Kind.BEGAN);
    assertEquals(RUNNING, open.state());
    await().until(() -> other.release(NAME));
    moving.join();
  }

  @Test
  void aResetDuringACallTakesEffectWhenTheCallIsOver() {
    host.inject(NAME, Fault.late(RUNNING, RUNNING_P2P, null));
    CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> device.move(RUNNING_P2P));
    await().until(() -> host.events().getLast().kind() == DeviceEvent.Kind.MOVED);
    device.reset();
    assertEquals("vm", device.contents().identity().guest());
    await().until(() -> host.release(NAME));
    moving.join();
    assertEquals(RUNNING, device.state());
    assertTrue(device.contents().identity().isBlank());
  }

  @Test
  void aCorruptOrShortImageIsRefusedWhenTheDestinationLeavesResuming() {
    for (Fault fault : new Fault[] {Fault.flippedBit(), Fault.shortImage()}) {
      host.inject(NAME, fault);
      device.move(STOP_COPY);
      byte[] image = Rig.drain(device, 100);
      device.move(STOP);
      EmulatedDevice destination = Rig.alone(Rig.small(EmulatedProfile.CONNECTX, 7));
      destination.move(RESUMING);
      Rig.feed(destination, image, 100);
      Rig.refused(Errno.EINVAL, () -> destination.move(STOP));
      assertEquals(RESUMING, destination.state(), fault.kind().name());
    }
  }

  @Test
  void aRightImageMayBeRefusedToo() {
    device.move(STOP_COPY);
    byte[] image = Rig.drain(device, 100);
    DeviceSettings blank = Rig.small(EmulatedProfile.CONNECTX, 7);
    EmulatedHost destination = Rig.host(pace, blank);
    EmulatedDevice other = destination.device(NAME);
    other.move(RESUMING);
    Rig.feed(other, image, 100);
    destination.inject(NAME, Fault.refusedLoad());
    Rig.refused(Errno.EINVAL, () -> other.move(STOP));
    other.move(STOP);
    assertEquals(device.contents(), other.contents());
  }
}
