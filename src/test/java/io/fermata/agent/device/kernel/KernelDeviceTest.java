package io.fermata.agent.device.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device over a scripted kernel: what becomes of the session in every turn of events. */
class KernelDeviceTest {
  private static final String PATH = "/dev/vfio/devices/vfio0";
  private static final DeviceName NAME = new DeviceName("nic0");
  private static final DeviceProfile PROFILE = new DeviceProfile("vfio", "fake", "one", null);

  private final FakeKernel kernel = new FakeKernel();
  private final FakeKernel.Device driver = kernel.device(PATH, 7);
  private KernelDevice device;

  @BeforeEach
  void openTheDevice() {
    device = open(PATH);
  }

  private KernelDevice open(String path) {
    Descriptor iommu =
        new Descriptor(kernel, (int) kernel.open("/dev/iommu", 0x80002), new Errno(9));
    try {
      return KernelDevice.open(NAME, kernel, new VfioNode(path, PROFILE), iommu);
    } finally {
      iommu.end();
    }
  }

  @AfterEach
  void nothingReachedAClosedNumberAndNothingStaysOpen() {
    device.close();
    assertEquals("[]", kernel.onClosedNumbers.toString());
    assertEquals("{}", kernel.open.toString());
  }

  @Test
  void aSetIsSavedFromPreCopyToTheEndInOneSession() {
    device.move(DeviceState.PRE_COPY);
    assertEquals(new PrecopyInfo(3, 0, false), device.precopy());
    assertArrayEquals(new byte[] {1, 2, 3}, read(100));
    assertArrayEquals(new byte[] {}, read(100));
    device.move(DeviceState.PRE_COPY_P2P);
    device.move(DeviceState.STOP_COPY);
    assertEquals(1, kernel.sessions());
    assertArrayEquals(new byte[] {4, 5, 6, 7}, read(4));
    assertArrayEquals(new byte[] {8}, read(4));
    assertArrayEquals(new byte[] {}, read(4));
    device.move(DeviceState.STOP);
    assertEquals(0, kernel.sessions());
    assertFault(Errno.ENODEV, () -> read(4));
  }

  @Test
  void anImageIsLoadedWholeThoughTheDriverTakesItInPieces() {
    driver.mostPerWrite = 3;
    walk(DeviceState.RUNNING_P2P, DeviceState.STOP, DeviceState.RESUMING);
    ByteBuffer image = direct(1, 2, 3, 4, 5, 6, 7);
    device.write(image);
    assertFalse(image.hasRemaining());
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7}, driver.loaded());
    walk(DeviceState.STOP, DeviceState.RUNNING_P2P, DeviceState.RUNNING);
    assertEquals(0, kernel.sessions());
  }

  @Test
  void aDriverThatTakesNothingIsAFaultAndNoEndlessLoop() {
    driver.mostPerWrite = 0;
    device.move(DeviceState.RESUMING);
    assertFault(Errno.EIO, () -> device.write(direct(1)));
  }

  @Test
  void drainedIsZeroAlsoFromADriverThatSaysItByEnomsg() {
    driver.drainedIsEnomsg = true;
    device.move(DeviceState.PRE_COPY);
    assertEquals(3, read(100).length);
    assertEquals(0, read(100).length);
  }

  @Test
  void theKernelIsNotAskedForZeroBytesAsThatWouldReadAsTheEnd() {
    device.move(DeviceState.STOP_COPY);
    assertThrows(IllegalArgumentException.class, () -> device.read(ByteBuffer.allocateDirect(0)));
    assertThrows(IllegalArgumentException.class, () -> device.read(ByteBuffer.allocate(8)));
  }

  @Test
  void leavingPreCopyForRunningEndsTheSession() {
    device.move(DeviceState.PRE_COPY);
    device.move(DeviceState.RUNNING);
    assertEquals(0, kernel.sessions());
    device.move(DeviceState.PRE_COPY_P2P);
    device.move(DeviceState.RUNNING_P2P);
    assertEquals(0, kernel.sessions());
  }

  @Test
  void aNewSessionTakesTheOldOnesPlace() {
    device.move(DeviceState.STOP_COPY);
    device.move(DeviceState.RESUMING);
    assertEquals(1, kernel.sessions());
    device.write(direct(9));
    assertArrayEquals(new byte[] {9}, driver.loaded());
  }

  @Test
  void askedForTheStateThatItIsInADeviceKeepsItsSession() {
    device.move(DeviceState.PRE_COPY);
    device.move(DeviceState.PRE_COPY);
    assertEquals(3, read(100).length);
  }

  @Test
  void aHopThatFailedHalfWayShowsInTheNextGetAndEndsTheSession() {
    device.move(DeviceState.PRE_COPY);
    driver.failsInto = DeviceState.STOP;
    assertFault(Errno.EIO, () -> device.move(DeviceState.STOP));
    assertEquals(1, kernel.sessions());
    assertFault(Errno.ENODEV, () -> read(8));
    assertEquals(DeviceState.RUNNING_P2P, device.state());
    assertEquals(0, kernel.sessions());
    driver.failsInto = DeviceState.UNKNOWN;
    device.move(DeviceState.RUNNING);
  }

  @Test
  void aHopThatFailedAtOnceLeavesTheSessionAsItWas() {
    device.move(DeviceState.PRE_COPY);
    driver.failsInto = DeviceState.PRE_COPY_P2P;
    assertFault(Errno.EIO, () -> device.move(DeviceState.PRE_COPY_P2P));
    assertEquals(DeviceState.PRE_COPY, device.state());
    assertEquals(3, read(100).length);
  }

  @Test
  void aRefusedArcIsEinvalAndMovesNothing() {
    device.move(DeviceState.STOP_COPY);
    assertFault(Errno.EINVAL, () -> device.move(DeviceState.PRE_COPY));
    assertFault(Errno.EINVAL, () -> device.move(DeviceState.ERROR));
    assertThrows(IllegalArgumentException.class, () -> device.move(DeviceState.UNKNOWN));
    assertEquals(8, read(100).length);
  }

  @Test
  void withoutADescriptorLeftTheDeviceMovesAndHasNoSession() {
    driver.outOfDescriptors = true;
    assertFault(new Errno(24), () -> device.move(DeviceState.STOP_COPY));
    assertEquals(DeviceState.STOP_COPY, device.state());
    assertFault(Errno.ENODEV, () -> read(8));
  }

  @Test
  void aMoveIsAskedOnceThoughASignalCameBetween() {
    driver.interruptions = 1;
    assertFault(new Errno(4), () -> device.move(DeviceState.RUNNING_P2P));
    assertEquals(0, kernel.moves);
    assertEquals(DeviceState.RUNNING, device.state());
  }

  @Test
  void aGetIsAskedAgainWhenASignalCameBetween() {
    driver.interruptions = 2;
    assertEquals(DeviceState.RUNNING, device.state());
    driver.interruptions = 2;
    assertEquals(8, device.dataSize());
  }

  @Test
  void aStateOfANewerKernelIsUnknownAndKeepsTheSession() {
    device.move(DeviceState.PRE_COPY);
    driver.state = DeviceState.UNKNOWN;
    assertEquals(DeviceState.UNKNOWN, device.state());
    assertEquals(1, kernel.sessions());
    device.reset();
  }

  @Test
  void aResetEndsTheSession() {
    device.move(DeviceState.RESUMING);
    device.reset();
    assertEquals(0, kernel.sessions());
    assertEquals(DeviceState.RUNNING, device.state());
    assertFault(Errno.ENODEV, () -> device.write(direct(1)));
    assertFault(Errno.ENODEV, device::precopy);
  }

  @Test
  void aResetFromOutsideIsSeenByTheNextGet() {
    device.move(DeviceState.PRE_COPY);
    driver.resetFromOutside();
    assertFault(Errno.ENODEV, () -> read(8));
    assertEquals(DeviceState.RUNNING, device.state());
    assertEquals(0, kernel.sessions());
  }

  @Test
  void aReadUnderWayKeepsItsNumberFromBeingGivenToTheNextSession() {
    device.move(DeviceState.PRE_COPY);
    kernel.duringNextRead.add(() -> {
      device.move(DeviceState.RUNNING);
      device.move(DeviceState.PRE_COPY);
      assertEquals(2, kernel.sessions(), "the old number is held while the read is under way");
    });
    assertFault(Errno.ENODEV, () -> read(8));
    assertEquals(1, kernel.sessions());
    assertEquals(3, read(8).length);
  }

  @Test
  void aDeviceClosedUnderAReadIsLetGoWhenTheReadComesBack() {
    device.move(DeviceState.PRE_COPY);
    kernel.duringNextRead.add(() -> {
      device.close();
      assertEquals(1, kernel.sessions());
    });
    assertFault(Errno.ENODEV, () -> read(8));
    assertEquals("{}", kernel.open.toString());
    assertFault(new Errno(9), device::state);
  }

  @Test
  void aLateGetEndsNoSessionThatWasOpenedMeanwhile() {
    kernel.afterNextAnswer.add(() -> device.move(DeviceState.PRE_COPY));
    assertEquals(DeviceState.RUNNING, device.state());
    assertEquals(3, read(8).length);
  }

  @Test
  void aLateResetEndsNoSessionThatWasOpenedMeanwhile() {
    device.move(DeviceState.RESUMING);
    kernel.afterNextAnswer.add(() -> device.move(DeviceState.PRE_COPY));
    device.reset();
    assertEquals(1, kernel.sessions());
    assertEquals(3, read(8).length);
  }

  @Test
  void aSessionThatComesAfterTheCloseIsNotKept() {
    kernel.afterNextAnswer.add(device::close);
    device.move(DeviceState.PRE_COPY);
    assertEquals("{}", kernel.open.toString());
    assertFault(Errno.ENODEV, () -> read(8));
  }

  @Test
  void theRestartFlagCountsOnlyAfterTheOptIn() {
    driver.reinit = true;
    device.move(DeviceState.PRE_COPY);
    assertFalse(device.precopy().restarted(), "this kernel never took the opt-in");
    device.close();
    driver.knowsPrecopyFlags = true;
    device = open(PATH);
    device.move(DeviceState.PRE_COPY);
    assertTrue(device.precopy().restarted());
    driver.reinit = false;
    assertFalse(device.precopy().restarted());
  }

  @Test
  void precopyInformationIsRefusedAfterPreCopy() {
    device.move(DeviceState.STOP_COPY);
    assertFault(Errno.EINVAL, device::precopy);
  }

  @Test
  void whatTheDriverOffersIsAskedAtOpen() {
    assertEquals(7, device.capabilities().flags());
    assertTrue(device.capabilities().has(Capability.DMA_LOGGING));
    assertEquals(PROFILE, device.profile());
    assertEquals(NAME, device.name());
  }

  @Test
  void aDeviceThatCannotMigrateIsRefusedAndLetGo() {
    kernel.device("/dev/vfio/devices/vfio1", 0);
    DeviceFault fault = assertThrows(DeviceFault.class, () -> open("/dev/vfio/devices/vfio1"));
    assertEquals("nic0: asking whether it can migrate: ENOTTY(25)", fault.getMessage());
    assertEquals(1, kernel.open.size());
  }

  @Test
  void aDeviceHasOneOwner() {
    DeviceFault fault = assertThrows(DeviceFault.class, () -> open(PATH));
    assertEquals(Errno.EINVAL, fault.errno());
    assertTrue(fault.getMessage().contains("another program holds it"), fault.getMessage());
    assertEquals(DeviceState.RUNNING, device.state(), "the owner is not disturbed");
  }

  private void walk(DeviceState... states) {
    for (DeviceState state : states) {
      device.move(state);
      assertEquals(state, device.state());
    }
  }

  private byte[] read(int room) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(room);
    int count = device.read(buffer);
    assertEquals(count, buffer.position());
    byte[] bytes = new byte[count];
    buffer.flip().get(bytes);
    return bytes;
  }

  private static ByteBuffer direct(int... bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
    for (int each : bytes) {
      buffer.put((byte) each);
    }
    return buffer.flip();
  }

  private static void assertFault(Errno errno, Runnable call) {
    assertEquals(errno, assertThrows(DeviceFault.class, call::run).errno());
  }
}
