package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static io.fermata.agent.stream.TwoHosts.SETTINGS;
import static io.fermata.agent.stream.TwoHosts.await;
import static io.fermata.agent.stream.TwoHosts.heard;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.StreamSettings.Resuming;
import io.fermata.agent.stream.TwoHosts.Doors;
import io.fermata.agent.stream.TwoHosts.Limits;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that is connected while its device cannot be read: nothing is left for the dark. */
class EarlyStreamTest {
  private static final byte[] IMAGE = image(700_000);
  private static final Doors PLAIN = new Doors(null, null);
  private static final StreamSettings PATIENT = SETTINGS.with(new Resuming(20_000, 20_000, 4, 8));

  /** Looks for another connection long enough for any test, and in the dark not at all. */
  private static final StreamSettings ENDLESS = SETTINGS.with(new Resuming(600_000, 1, 4, 8));

  private final FakeDevice from = FakeDevice.giving("gpu0", DeviceState.RUNNING, IMAGE);
  private final FakeDevice to = FakeDevice.taking("gpu7");

  @Test
  void itIsWelcomeBeforeAnythingIsReadAndNeedsNoOtherConnectionInTheDark() throws IOException {
    try (TwoHosts hosts = hosts(PLAIN, ENDLESS);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      relay.closed = true;
      assertNothingRead(hosts);
      arrives(hosts);
      assertEquals(1, relay.connections.get());
    }
  }

  @Test
  void itIsEncryptedBeforeThatToo(@TempDir Path folder) throws IOException {
    try (TwoHosts hosts = hosts(encrypted(folder), ENDLESS);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      relay.closed = true;
      assertNothingRead(hosts);
      arrives(hosts);
      assertEquals(1, relay.connections.get());
    }
  }

  @Test
  void itOutlivesTheIdleLimitAndIsNotReadMeanwhile() throws Exception {
    try (TwoHosts hosts = hosts(PLAIN, SETTINGS);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      Thread.sleep(5 * SETTINGS.idleMillis() / 2);
      assertNothingRead(hosts);
      arrives(hosts);
      assertEquals(1, relay.connections.get());
    }
  }

  /** Seventeen that look around a thousand times a second take the processor from the hops. */
  @Test
  void itSleepsUntilItIsTold() throws Exception {
    try (TwoHosts hosts = hosts(PLAIN, PATIENT);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      long before = waits("stream-out-gpu0");
      assertTrue(before > 0, "it waits for what it is told");
      Thread.sleep(SETTINGS.idleMillis());
      assertTrue(waits("stream-out-gpu0") - before < 20, "it wakes up for its beats only");
      arrives(hosts);
    }
  }

  private static long waits(String thread) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.dumpAllThreads(false, false))
        .filter(t -> t.getThreadName().equals(thread))
        .mapToLong(ThreadInfo::getWaitedCount)
        .sum();
  }

  @Test
  void aConnectionThatBreaksMeanwhileIsReplaced() throws IOException {
    try (TwoHosts hosts = hosts(PLAIN, PATIENT);
        Relay relay = new Relay(hosts.destination.address())) {
      relay.cuts.set(3);
      connected(hosts, relay);
      relay.cutAt = relay.asked.get(); // of each: a beat, or the word that it is back
      await().until(() -> relay.connections.get() == 4);
      assertNothingRead(hosts);
      arrives(hosts);
      assertEquals(4, relay.connections.get());
    }
  }

  @Test
  void aDestinationThatIsLostMeanwhileBreaksIt() throws IOException {
    try (TwoHosts hosts = hosts(PLAIN, SETTINGS);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      hosts.destination.drop(MIGRATION);
      await(hosts.atSource, Event.Broke.class, 1);
      assertEquals(0, from.reads.get());
    }
  }

  @Test
  void whoIsDroppedWhileItWaitsSaysNothing() throws IOException {
    try (TwoHosts hosts = hosts(PLAIN, SETTINGS);
        Relay relay = new Relay(hosts.destination.address())) {
      connected(hosts, relay);
      hosts.source.drop(MIGRATION);
      await(hosts.atDestination, Event.Broke.class, 1);
      assertEquals(List.of(), List.copyOf(hosts.atSource));
      assertEquals(0, from.reads.get());
      hosts.destination.drop(MIGRATION);
      hosts.atDestination.clear();
      connected(hosts, relay);
      arrives(hosts); // it had let go of the device
    }
  }

  /** The other end never answers: neither the greeting nor, before that, the handshake. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoIsDroppedBeforeItIsWelcomeSaysNothing(boolean encrypted, @TempDir Path folder)
      throws IOException {
    try (TwoHosts hosts = hosts(encrypted ? encrypted(folder) : PLAIN, PATIENT);
        ServerSocket silent = PlainPeer.listener()) {
      hosts.openEarly("127.0.0.1:" + silent.getLocalPort());
      try (Socket socket = silent.accept()) {
        InputStream in = socket.getInputStream();
        assertTrue(in.read() >= 0);
        hosts.source.drop(MIGRATION);
        in.readAllBytes(); // it hangs up
        assertEquals(List.of(), List.copyOf(hosts.atSource));
      }
    }
  }

  private static Doors encrypted(Path folder) {
    var made = new Certificates(folder);
    return new Doors(
        new TlsDoor(made.files("host-a", "host-b")), new TlsDoor(made.files("host-b", "host-a")));
  }

  private TwoHosts hosts(Doors doors, StreamSettings settings) {
    return new TwoHosts(List.of(from), List.of(to), doors, new Limits(settings, settings));
  }

  /** Until the destination has welcomed it, and has heard a beat. */
  private static void connected(TwoHosts hosts, Relay relay) {
    hosts.expect();
    hosts.openEarly(relay.address());
    Event.Flowed beat = await(hosts.atDestination, Event.Flowed.class, 1).getFirst();
    assertEquals(0, beat.moved());
  }

  private void assertNothingRead(TwoHosts hosts) {
    assertEquals(0, from.reads.get());
    assertEquals(0, from.asked.get(), "what pre-copy has left is no question either");
    assertEquals(List.of(), heard(hosts.atSource, Event.Broke.class));
    assertEquals(List.of(), heard(hosts.atDestination, Event.Broke.class));
  }

  private void arrives(TwoHosts hosts) {
    from.state = DeviceState.STOP_COPY;
    hosts.finish();
    Event.Sent sent = await(hosts.atSource, Event.Sent.class, 1).getFirst();
    Event.Arrived arrived = await(hosts.atDestination, Event.Arrived.class, 1).getFirst();
    assertEquals(sent.image(), arrived.image());
    assertArrayEquals(IMAGE, to.written.toByteArray());
    await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
  }
}
