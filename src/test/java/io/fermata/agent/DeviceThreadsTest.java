package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import io.fermata.agent.device.emulated.DeviceSettings;
import io.fermata.agent.device.emulated.EmulatedHost;
import io.fermata.agent.device.emulated.EmulatedProfile;
import io.fermata.agent.device.emulated.Fault;
import io.fermata.agent.device.emulated.HostSettings;
import io.fermata.agent.device.emulated.RealPace;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceThreadsTest {
  private static final MigrationId MIGRATION = new MigrationId("m0001");
  private static final DeviceName GPU = new DeviceName("gpu0");
  private static final Hop QUIESCE = new Hop(DeviceState.RUNNING, DeviceState.RUNNING_P2P);

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final EmulatedHost host =
      new EmulatedHost(
          HostSettings.of("a", List.of(DeviceSettings.blank("gpu0", EmulatedProfile.GPU)))
              .ticking(Duration.ZERO),
          new RealPace(),
          SplittableRandom::new);
  private final DeviceThreads threads =
      new DeviceThreads(host.devices(), System::nanoTime, events::add);

  @AfterEach
  void close() {
    threads.close();
    host.close();
  }

  @Test
  void aHopIsReportedWithTheStateThatWasReadAfterIt() throws InterruptedException {
    threads.move(MIGRATION, GPU, QUIESCE);
    HopReport report = hop();
    assertEquals(Outcome.DONE, report.outcome());
    assertEquals(DeviceState.RUNNING_P2P, report.observed());
    assertNull(report.error());
    assertTrue(report.endNanos() > report.startNanos());
  }

  @Test
  void aRefusedHopHasItsErrnoByName() throws InterruptedException {
    host.inject(GPU, Fault.refused(QUIESCE.from(), QUIESCE.to(), Errno.EBUSY));
    threads.move(MIGRATION, GPU, QUIESCE);
    HopReport report = hop();
    assertEquals(Outcome.REFUSED, report.outcome());
    assertEquals("EBUSY(16)", report.error());
  }

  @Test
  void aHopIntoErrorIsFaultedAndAResetLooksAgain() throws InterruptedException {
    host.inject(GPU, Fault.error(QUIESCE.from(), QUIESCE.to()));
    threads.move(MIGRATION, GPU, QUIESCE);
    assertEquals(Outcome.FAULTED, hop().outcome());
    threads.reset(MIGRATION, GPU);
    assertEquals(new Event.Looked(MIGRATION, GPU, DeviceState.RUNNING), next());
  }

  @Test
  void aDeviceThatIsNotThereIsUnknown() throws InterruptedException {
    var other = new DeviceName("gone");
    threads.look(MIGRATION, other);
    assertEquals(new Event.Looked(MIGRATION, other, DeviceState.UNKNOWN), next());
    threads.reset(MIGRATION, other);
    assertEquals(new Event.Looked(MIGRATION, other, DeviceState.UNKNOWN), next());
    threads.move(MIGRATION, other, QUIESCE);
    assertEquals(Outcome.UNKNOWN, hop().outcome());
  }

  @Test
  void theDriversEstimateOfTheImageIsKeptWithTheState() throws InterruptedException {
    threads.look(MIGRATION, GPU);
    assertNotNull(next());
    var sight = threads.sight(GPU).orElseThrow();
    assertEquals(DeviceState.RUNNING, sight.state());
    assertTrue(sight.dataSize() > 0);
  }

  private Event next() throws InterruptedException {
    Event event = events.poll(5, TimeUnit.SECONDS);
    assertNotNull(event, "nothing came");
    return event;
  }

  private HopReport hop() throws InterruptedException {
    return ((Event.HopEnded) next()).report();
  }
}
