package io.fermata.agent.stream;

import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static io.fermata.agent.stream.TwoHosts.STOP;
import static io.fermata.agent.stream.TwoHosts.await;
import static io.fermata.agent.stream.TwoHosts.heard;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that arrive. */
class DataPlaneTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 96, 64 << 20})
  void anImageArrivesWholeAndBothSidesNameTheSameDigest(int bytes) {
    byte[] image = image(bytes);
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image);
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      hosts.expect();
      hosts.open(hosts.address());
      hosts.finish();
      Event.Sent sent = await(hosts.atSource, Event.Sent.class, 1).getFirst();
      Event.Arrived arrived = await(hosts.atDestination, Event.Arrived.class, 1).getFirst();
      ImageDigest digest = new ImageDigest(new DeviceName("gpu7"), bytes, sha256(image));
      assertEquals(new Event.Sent(MIGRATION, new DeviceName("gpu0"), STOP, digest), sent);
      assertEquals(new Event.Arrived(MIGRATION, STOP, digest), arrived);
      assertArrayEquals(image, to.written.toByteArray());
      await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
    }
  }

  @Test
  void preCopyAndStopCopyAreOneImageOnOneStream() {
    byte[] image = image(3 << 20);
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, image);
    from.precopyBytes = 1 << 20;
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      hosts.expect();
      hosts.open(hosts.address());
      await().until(() -> to.written.size() == 1 << 20);
      await().until(() -> anyFlowed(hosts, 1 << 20));
      assertNotNull(heard(hosts.atSource, Event.Flowed.class).getLast().left());
      from.precopyBytes = 2 << 20; // the guest writes on
      await().until(() -> to.written.size() == 2 << 20);
      from.state = DeviceState.STOP_COPY;
      await().until(() -> to.written.size() == 3 << 20);
      assertEquals(List.of(), heard(hosts.atSource, Event.Sent.class));
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 1);
      assertArrayEquals(image, to.written.toByteArray());
    }
  }

  /** Whether it says so once or for as long as the new data was not read, nobody knows. */
  @Test
  void everyTimeThatADriverSaysItBeginsAnewIsTold() {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, image(64));
    from.restarted = true;
    try (TwoHosts hosts = new TwoHosts(from, FakeDevice.taking("gpu0"))) {
      hosts.expect();
      hosts.open(hosts.address());
      await().until(() -> restarts(hosts) >= 2);
      from.restarted = false;
      from.precopyBytes = 10;
      await().until(() -> anyFlowed(hosts, 10));
      int said = restarts(hosts);
      from.precopyBytes = 20;
      await().until(() -> anyFlowed(hosts, 20));
      assertEquals(said, restarts(hosts));
    }
  }

  private static int restarts(TwoHosts hosts) {
    List<Event.Flowed> told = heard(hosts.atSource, Event.Flowed.class);
    return told.isEmpty() ? 0 : told.getLast().restarts();
  }

  private static boolean anyFlowed(TwoHosts hosts, long moved) {
    return heard(hosts.atSource, Event.Flowed.class).stream().anyMatch(f -> f.moved() == moved);
  }

  /** read() answers 0 while still in PRE_COPY, and before that is looked at the device stops. */
  @Test
  void aZeroFromBeforeTheStopIsNotTheEnd() {
    byte[] image = image(100_000);
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, image);
    from.precopyBytes = 10;
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      from.whenDry =
          () -> {
            from.whenDry = () -> {};
            from.state = DeviceState.STOP_COPY;
            hosts.finish();
          };
      hosts.expect();
      hosts.open(hosts.address());
      await(hosts.atSource, Event.Sent.class, 1);
      assertArrayEquals(image, to.written.toByteArray());
    }
  }

  @Test
  void aDrainedDeviceIsReadNowAndThenAndItsStreamOutlivesTheIdleLimit() throws Exception {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, image(10));
    from.precopyBytes = 10;
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      hosts.expect();
      hosts.open(hosts.address());
      Thread.sleep(2 * TwoHosts.SETTINGS.idleMillis());
      int reads = from.reads.get();
      assertTrue(reads < 1_100, reads + " reads in 2 s with 2 ms between them");
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 1);
      await(hosts.atDestination, Event.Arrived.class, 1);
    }
  }

  @Test
  void seventeenDevicesShareFourBuffers() {
    List<FakeDevice> from = new ArrayList<>();
    List<FakeDevice> to = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      byte[] image = image(i * 500_000 + i);
      from.add(new FakeDevice("gpu" + i, DeviceState.STOP_COPY, image, 10_000));
      to.add(FakeDevice.taking("other" + i));
    }
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      hosts.expect();
      hosts.open(hosts.address());
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 17);
      await(hosts.atDestination, Event.Arrived.class, 17);
      for (int i = 0; i < 17; i++) {
        assertArrayEquals(image(i * 500_000 + i), to.get(i).written.toByteArray());
      }
    }
  }

  @Test
  void aSourceThatConnectsBeforeItIsExpectedWaitsForTheGrace() {
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts =
        new TwoHosts(FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image(96)), to)) {
      hosts.open(hosts.address());
      hosts.finish();
      LockSupport.parkNanos(50_000_000);
      hosts.expect();
      await(hosts.atDestination, Event.Arrived.class, 1);
      hosts.expect(); // said again
      await(hosts.atSource, Event.Sent.class, 1);
    }
  }

  /** The device loads while the answer still travels. */
  @Test
  void theDestinationHearsOfTheImageBeforeTheSourceDoes() {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image(96));
    try (TwoHosts hosts = new TwoHosts(from, FakeDevice.taking("gpu0"))) {
      hosts.expect();
      hosts.open(hosts.address());
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 1);
      assertEquals(1, heard(hosts.atDestination, Event.Arrived.class).size());
    }
  }

  @Test
  void whatIsLeftIsUnknownOnceTheDeviceHasStopped() {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image(96));
    try (TwoHosts hosts = new TwoHosts(from, FakeDevice.taking("gpu0"))) {
      hosts.expect();
      hosts.open(hosts.address());
      assertNull(await(hosts.atSource, Event.Flowed.class, 1).getFirst().left());
    }
  }

  @Test
  void aStreamWaitsUntilADroppedOneHasLeftTheDevice() {
    byte[] image = image(96);
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image);
    FakeDevice to = FakeDevice.taking("gpu0");
    from.hang = new CountDownLatch(1);
    try (TwoHosts hosts = new TwoHosts(from, to)) {
      hosts.expect();
      hosts.open(hosts.address());
      await().until(() -> from.inside.get() == 1);
      hosts.source.drop(MIGRATION);
      hosts.destination.drop(MIGRATION);
      hosts.expect();
      hosts.open(hosts.address());
      hosts.finish();
      LockSupport.parkNanos(50_000_000);
      assertEquals(1, from.inside.get());
      from.hang.countDown();
      await().until(() -> hosts.source.buffersTaken() == 0 && from.inside.get() == 0);
      await(hosts.atSource, Event.Sent.class, 1);
    }
  }

  static byte[] image(int bytes) {
    byte[] image = new byte[bytes];
    new Random(bytes).nextBytes(image);
    return image;
  }

  static String sha256(byte[] image) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
