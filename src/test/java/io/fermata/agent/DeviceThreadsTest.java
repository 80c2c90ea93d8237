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

  @Test
  void aDeviceThatAnotherProcessHasResetIsNotWalkedThroughTheGates() throws InterruptedException {
    threads.move(MIGRATION, GPU, QUIESCE);
    hop();
    host.devices().getFirst().reset(); // behind our back: it runs again
    threads.move(MIGRATION, GPU, new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP));
    HopReport report = hop();
    assertEquals(Outcome.MOVED, report.outcome());
    assertEquals(DeviceState.RUNNING, report.observed());
    assertEquals("found in RUNNING", report.error());
    assertEquals(DeviceState.RUNNING, host.devices().getFirst().state(), "asked for nothing");
  }

  @Test
  void functionsOfOneParentAreMovedNoMoreThanSoManyAtOnceAndOthersDoNotWait() throws Exception {
    var first = new HeldDevice("nic0", "0000:06:00.0");
    var second = new HeldDevice("nic1", "0000:06:00.0");
    var other = new HeldDevice("gpu1", "0000:07:00.0");
    var turns = new ParentTurns(1, Duration.ofMinutes(1));
    try (var bounded =
        new DeviceThreads(List.of(first, second, other), System::nanoTime, events::add, turns)) {
      bounded.move(MIGRATION, first.name(), QUIESCE);
      first.asked.acquire();
      bounded.move(MIGRATION, second.name(), QUIESCE);
      bounded.move(MIGRATION, other.name(), QUIESCE);
      other.asked.acquire();
      other.release.countDown();
      assertEquals(other.name(), hop().device());
      assertEquals(0, second.asked.availablePermits(), "its parent is at work");
      first.release.countDown();
      assertEquals(first.name(), hop().device());
      second.release.countDown();
      assertEquals(Outcome.DONE, hop().outcome());
    }
  }

  @Test
  void aFunctionWhoseParentNeverComesFreeIsRefusedAndHasNotMoved() throws Exception {
    var stuck = new HeldDevice("nic0", "0000:06:00.0");
    var peer = new HeldDevice("nic1", "0000:06:00.0");
    var turns = new ParentTurns(1, Duration.ofMillis(50));
    try (var bounded =
        new DeviceThreads(List.of(stuck, peer), System::nanoTime, events::add, turns)) {
      bounded.move(MIGRATION, stuck.name(), QUIESCE);
      stuck.asked.acquire();
      bounded.move(MIGRATION, peer.name(), QUIESCE);
      HopReport report = hop();
      assertEquals(Outcome.REFUSED, report.outcome());
      assertEquals("no turn of its parent", report.error());
      stuck.release.countDown(); // late: reconciled by what is read then
      assertEquals(Outcome.DONE, hop().outcome());
    }
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
