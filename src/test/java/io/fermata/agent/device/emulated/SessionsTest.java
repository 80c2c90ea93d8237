package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionsTest {

  @ParameterizedTest
  @EnumSource
  void anImageReadInPiecesOfAnySizeLoadsInPiecesOfAnyOther(EmulatedProfile profile) {
    DeviceSettings settings = Rig.small(profile, profile.flags());
    EmulatedDevice source = Rig.alone(settings.holding("vm"));
    source.move(STOP_COPY);
    byte[] image = Rig.drain(source, 7);
    assertEquals(source.dataSize(), image.length);
    for (int piece : new int[] {1, 3, 8, 4093, 1 << 20}) {
      EmulatedDevice destination = Rig.alone(settings);
      destination.move(RESUMING);
      Rig.feed(destination, image, piece);
      destination.move(STOP);
      assertEquals(source.contents(), destination.contents(), "pieces of " + piece);
    }
  }

  @Test
  void preCopyDrainsToZeroAndStopCopyEndsWithZero() {
    EmulatedDevice gpu = Rig.alone(Rig.small(EmulatedProfile.GPU, 7).holding("vm"));
    gpu.move(PRE_COPY);
    assertEquals(gpu.dataSize() - BlockHead.BYTES, gpu.precopy().initialBytes());
    byte[] early = Rig.drain(gpu, 1000);
    assertEquals(0, gpu.precopy().initialBytes());
    assertEquals(0, gpu.read(ByteBuffer.allocate(1)));
    Rig.move(gpu, PRE_COPY_P2P, STOP_COPY);
    byte[] late = Rig.drain(gpu, 1000);
    assertTrue(late.length > 0, "the end mark at least");
    EmulatedDevice other = Rig.alone(Rig.small(EmulatedProfile.GPU, 7));
    other.move(RESUMING);
    Rig.feed(other, early, 100);
    Rig.feed(other, late, 100);
    other.move(STOP);
    assertEquals(gpu.contents(), other.contents());
  }

  @Test
  void preCopyHoldsWhatTheDriverPutsThere() {
    EmulatedDevice nic = Rig.alone(Rig.small(EmulatedProfile.CONNECTX, 7).holding("vm"));
    EmulatedDevice qat = Rig.alone(Rig.small(EmulatedProfile.QAT, 7).holding("vm"));
    Rig.move(nic, PRE_COPY);
    Rig.move(qat, PRE_COPY);
    assertEquals(0, nic.precopy().initialBytes());
    assertEquals(0, Rig.drain(nic, 1000).length);
    assertEquals(ImageHeader.BYTES, qat.precopy().initialBytes());
    assertEquals(ImageHeader.BYTES, Rig.drain(qat, 1000).length);
  }

  @Test
  void everyArcThatEndsASessionMakesItAnswerEnodev() {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    EmulatedDevice device = Rig.alone(Rig.small(EmulatedProfile.GPU, 7).holding("vm"));
    Rig.refused(Errno.ENODEV, () -> device.read(buffer));
    Rig.move(device, PRE_COPY, RUNNING);
    Rig.refused(Errno.ENODEV, () -> device.read(buffer));
    Rig.move(device, RUNNING_P2P, PRE_COPY_P2P, RUNNING_P2P);
    Rig.refused(Errno.ENODEV, device::precopy);
    Rig.move(device, STOP, STOP_COPY, STOP);
    Rig.refused(Errno.ENODEV, () -> device.read(buffer));
    Rig.move(device, STOP_COPY);
    device.reset();
    Rig.refused(Errno.ENODEV, () -> device.read(buffer));
    assertEquals(RUNNING, device.state());
    assertTrue(device.contents().identity().isBlank(), "a reset loses the state");
  }

  @Test
  void whatPreCopyHasLeftIsAskedOnlyInPreCopy() {
    EmulatedDevice device = Rig.alone(Rig.small(EmulatedProfile.GPU, 7).holding("vm"));
    Rig.move(device, PRE_COPY, PRE_COPY_P2P);
    device.precopy();
    device.move(STOP_COPY);
    Rig.refused(Errno.EINVAL, device::precopy);
  }

  @Test
  void aNewSessionStartsFromTheBeginning() {
    EmulatedDevice device = Rig.alone(Rig.small(EmulatedProfile.NVME, 3).holding("vm"));
    Rig.move(device, RUNNING_P2P, STOP, STOP_COPY);
    byte[] image = Rig.drain(device, 1000);
    Rig.move(device, STOP, STOP_COPY);
    assertArrayEquals(image, Rig.drain(device, 999));
  }

  @Test
  void tooManyBytesAreEnomemAndTooFewAreEinvalAndLeaveItInResuming() {
    DeviceSettings settings = Rig.small(EmulatedProfile.QAT, 7);
    EmulatedDevice source = Rig.alone(settings.holding("vm"));
    source.move(STOP_COPY);
    byte[] image = Rig.drain(source, 1000);

    EmulatedDevice more = Rig.alone(settings);
    more.move(RESUMING);
    Rig.feed(more, image, 1000);
    Rig.refused(Errno.ENOMEM, () -> more.write(ByteBuffer.allocate(1)));

    EmulatedDevice less = Rig.alone(settings);
    less.move(RESUMING);
    Rig.feed(less, Arrays.copyOf(image, image.length - 1), 1000);
    Rig.refused(Errno.EINVAL, () -> less.move(STOP));
    assertEquals(RESUMING, less.state());
    less.write(ByteBuffer.wrap(image, image.length - 1, 1));
    less.move(STOP);
    assertEquals(source.contents(), less.contents());
  }

  @Test
  void anImageOfAnotherModelOrSizeIsRefused() {
    DeviceSettings settings = Rig.small(EmulatedProfile.NVME, 3);
    EmulatedDevice source = Rig.alone(settings.holding("vm"));
    source.move(STOP_COPY);
    byte[] image = Rig.drain(source, 1000);
    Traits traits = Traits.OF_PROFILE.withStateBytes(10_000);
    for (Traits other : new Traits[] {traits.withModel("nvme-b"), traits.withStateBytes(20_000)}) {
      EmulatedDevice device = Rig.alone(settings.with(other));
      device.move(RESUMING);
      Rig.feed(device, image, 1000);
      Rig.refused(Errno.EINVAL, () -> device.move(STOP));
      device.reset();
      assertEquals(RUNNING, device.state());
    }
  }

  @Test
  void everySingleWrongBitIsFound() {
    DeviceSettings settings =
        DeviceSettings.blank("dev0", EmulatedProfile.VIRTIO)
            .with(Traits.OF_PROFILE.withStateBytes(45).withLatencies(HopLatencies.NONE));
    EmulatedDevice source = Rig.alone(settings.holding("vm"));
    source.move(STOP_COPY);
    byte[] image = Rig.drain(source, 1000);
    for (int bit = 0; bit < image.length * 8; bit++) {
      byte[] wrong = image.clone();
      wrong[bit / 8] ^= (byte) (1 << (bit % 8));
      EmulatedDevice device = Rig.alone(settings);
      device.move(RESUMING);
      Rig.feed(device, wrong, 1000);
      Rig.refused(Errno.EINVAL, () -> device.move(STOP));
    }
  }

  @Test
  void aDeviceWithoutMigrationSupportAnswersEnotty() {
    EmulatedDevice device = Rig.alone(Rig.small(EmulatedProfile.NVME, 0));
    Rig.refused(Errno.ENOTTY, device::state);
    Rig.refused(Errno.ENOTTY, () -> device.move(STOP));
    Rig.refused(Errno.ENOTTY, device::dataSize);
  }
}
