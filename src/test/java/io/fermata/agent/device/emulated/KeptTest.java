package io.fermata.agent.device.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device whose process is gone is found again as it was. */
class KeptTest {
  private static final DeviceName DISK = new DeviceName("nvme0");

  @TempDir private Path folder;

  @Test
  void stateAndContentsOutliveTheProcess() {
    EmulatedHost killed = host(EmulatedProfile.NVME); // never closed: as after a kill
    EmulatedDevice device = killed.device(DISK);
    killed.tick();
    killed.tick();
    device.move(DeviceState.RUNNING_P2P);
    device.move(DeviceState.STOP);
    Contents left = device.contents();
    assertTrue(left.counter() > 2);

    EmulatedDevice found = host(EmulatedProfile.NVME).device(DISK);

    assertEquals(DeviceState.STOP, found.state());
    assertEquals(left, found.contents());
  }

  @Test
  void whatWasLoadedAndResetIsKeptToo() {
    EmulatedDevice device = host(EmulatedProfile.NVME).device(DISK);
    device.reset();

    EmulatedDevice found = host(EmulatedProfile.NVME).device(DISK);

    assertEquals(DeviceState.RUNNING, found.state());
    assertTrue(found.contents().identity().isBlank());
  }

  @Test
  void theMemoryOfAnotherDeviceIsRefused() {
    host(EmulatedProfile.NVME);

    var refused = assertThrows(IllegalStateException.class, () -> host(EmulatedProfile.GPU));

    assertTrue(String.valueOf(refused.getMessage()).contains("nvme0"));
  }

  private EmulatedHost host(EmulatedProfile profile) {
    var disk = DeviceSettings.blank(DISK.value(), profile).holding("vm");
    var settings = new HostSettings("h", List.of(disk), Duration.ZERO, 1, 1, 100, null, folder);
    return new EmulatedHost(settings, new RealPace(), SplittableRandom::new);
  }
}
