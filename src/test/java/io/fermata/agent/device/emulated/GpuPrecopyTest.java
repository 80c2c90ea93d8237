package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GpuPrecopyTest {
  private static final long MIB = 1L << 20;
  private static final int BLOCKS = 16;
  private static final DeviceName NAME = new DeviceName("gpu0");

  private final VirtualPace pace = new VirtualPace();

  private EmulatedDevice gpu(long dirtyBytesPerSecond) {
    Traits traits =
        Traits.OF_PROFILE
            .withStateBytes(BLOCKS * MIB)
            .withDirtyBytesPerSecond(dirtyBytesPerSecond)
            .withLatencies(HopLatencies.NONE);
    DeviceSettings settings = DeviceSettings.blank("gpu0", EmulatedProfile.GPU).with(traits);
    return Rig.host(pace, settings.holding("vm")).device(NAME);
  }

  @Test
  void blocksThatDoNotChangeAreSentOnce() {
    EmulatedDevice gpu = gpu(0);
    gpu.move(PRE_COPY);
    long early = Rig.drain(gpu, 1 << 16).length;
    assertEquals(gpu.dataSize() - BlockHead.BYTES, early);
    pace.sleepNanos(Duration.ofSeconds(10).toNanos());
    Rig.move(gpu, PRE_COPY_P2P, STOP_COPY);
    assertEquals(BlockHead.BYTES, Rig.drain(gpu, 1 << 16).length, "only the end mark is left");
  }

  @Test
  void onlyWrittenBlocksAreSentAgainAndOfThoseOnlyTheChangedOnes() {
    EmulatedDevice gpu = gpu(8 * MIB);
    gpu.move(PRE_COPY);
    Rig.drain(gpu, 1 << 16);
    long written = 0;
    long again = 0;
    for (int second = 0; second < 5; second++) {
      pace.sleepNanos(Duration.ofSeconds(1).toNanos());
      long dirty = gpu.precopy().dirtyBytes();
      assertTrue(dirty > 0 && dirty <= 8 * (MIB + BlockHead.BYTES));
      written += dirty;
      again += Rig.drain(gpu, 1 << 16).length;
    }
    assertTrue(gpu.unchangedSkipped() > 0, "some of these writes left the content as it was");
    assertEquals(written, again + gpu.unchangedSkipped() * (MIB + BlockHead.BYTES));
    assertEquals(0, gpu.precopy().dirtyBytes());
  }

  @Test
  void aFrozenDeviceIsNoLongerWritten() {
    EmulatedDevice gpu = gpu(8 * MIB);
    Rig.move(gpu, PRE_COPY, PRE_COPY_P2P, STOP_COPY);
    Contents frozen = gpu.contents();
    pace.sleepNanos(Duration.ofSeconds(10).toNanos());
    Rig.drain(gpu, 1 << 16);
    assertEquals(frozen, gpu.contents());
  }

  @Test
  void laterBlocksOverrideEarlierOnes() {
    EmulatedDevice gpu = gpu(64 * MIB);
    EmulatedDevice other = gpu(0);
    other.reset();
    other.move(RESUMING);
    gpu.move(PRE_COPY);
    for (int round = 0; round < 3; round++) {
      Rig.feed(other, Rig.drain(gpu, 1 << 16), 100_000);
      pace.sleepNanos(Duration.ofMillis(100).toNanos());
    }
    Rig.move(gpu, PRE_COPY_P2P, STOP_COPY);
    Rig.feed(other, Rig.drain(gpu, 1 << 16), 100_000);
    other.move(STOP);
    assertEquals(gpu.contents(), other.contents());
  }

  @Test
  void theSameSeedMakesTheSameHistory() {
    VirtualPace first = new VirtualPace();
    VirtualPace second = new VirtualPace();
    assertEquals(history(first), history(second));
  }

  private static Contents history(VirtualPace pace) {
    EmulatedHost host =
        new EmulatedHost(
            DemoSet.source("a", "vm").ticking(Duration.ZERO), pace, SplittableRandom::new);
    pace.sleepNanos(Duration.ofSeconds(1).toNanos());
    host.devices().forEach(device -> device.move(STOP_COPY));
    return host.device(NAME).contents();
  }
}
