package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.RUNNING_P2P;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.agent.device.DeviceControl;
import io.fermata.device.DeviceName;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class CommandQueueTest {

  /** A pace in which whoever sleeps waits for the test, and is counted. */
  private static final class Bedroom implements Pace {
    private final AtomicInteger asleep = new AtomicInteger();
    private final CountDownLatch morning = new CountDownLatch(1);
    private final AtomicInteger mostAsleep = new AtomicInteger();

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public void sleepNanos(long nanos) {
      int now = asleep.incrementAndGet();
      mostAsleep.accumulateAndGet(now, Math::max);
      try {
        morning.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      asleep.decrementAndGet();
    }
  }

  @Test
  void devicesOfOnePhysicalFunctionWaitForEachOther() throws Exception {
    assertEquals(1, mostAtOnce("pf0", 1));
    assertEquals(2, mostAtOnce("pf0", 2));
  }

  @Test
  void devicesWithTheirOwnQueueDoNot() throws Exception {
    assertEquals(4, mostAtOnce(null, 1));
  }

  private static int mostAtOnce(String parent, int depth) throws InterruptedException {
    Bedroom pace = new Bedroom();
    List<DeviceSettings> devices =
        List.of("a", "b", "c", "d").stream()
            .map(name -> DeviceSettings.blank(name, EmulatedProfile.NVME))
            .map(device -> parent == null ? device : device.behind(parent))
            .toList();
    HostSettings settings =
        new HostSettings("h", devices, Duration.ZERO, depth, 1, 1000, null, null);
    EmulatedHost host = new EmulatedHost(settings, pace, SplittableRandom::new);
    List<Thread> moving =
        host.devices().stream()
            .map(device -> Thread.ofPlatform().start(() -> device.move(RUNNING_P2P)))
            .toList();
    Awaitility.await().until(() -> host.events().size() == 8);
    int expected = parent == null ? 4 : depth;
    Awaitility.await().until(() -> pace.asleep.get() == expected);
    pace.morning.countDown();
    for (Thread thread : moving) {
      thread.join();
    }
    return pace.mostAsleep.get();
  }

  @Test
  void aPhaseBehindOneQueueCostsTheSum() {
    VirtualPace pace = new VirtualPace();
    DeviceSettings first = DeviceSettings.blank("a", EmulatedProfile.NVME).behind("pf0");
    DeviceSettings second = DeviceSettings.blank("b", EmulatedProfile.NVME).behind("pf0");
    EmulatedHost host = Rig.host(pace, first, second);
    for (DeviceControl device : host.devices()) {
      device.move(RUNNING_P2P);
    }
    assertEquals(Duration.ofMillis(2).toNanos(), pace.nanoTime());
    assertEquals("pf0", host.device(new DeviceName("a")).profile().parent());
  }
}
