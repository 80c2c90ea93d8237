package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static io.fermata.agent.stream.TwoHosts.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.TwoHosts.Doors;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Epoch;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is cut is no reason to begin the image anew. */
class ResumedStreamTest {
  private static final int HEADER_BYTES = 16;
  private static final int LENGTH_AT = 4;
  private static final int TLS_CUTS = 9;
  private static final byte[] IMAGE = image(250_000);
  private static final Doors PLAIN = new Doors(null, null);

  @TempDir static Path folder;
  private static Doors encrypted;

  @BeforeAll
  static void certificates() {
    var made = new Certificates(folder);
    encrypted =
        new Doors(
            new TlsDoor(made.files("host-a", "host-b")),
            new TlsDoor(made.files("host-b", "host-a")));
  }

  /** Whether the guest still ran when the copy began. */
  enum Mode {
    STOP_COPY,
    PRE_COPY
  }

  /** What is done to the first connection. */
  private interface Damage {
    void to(Relay relay);
  }

  @ParameterizedTest
  @EnumSource
  void cutBetweenAnyTwoFramesAndWithinEachItGoesOn(Mode mode) throws IOException {
    Said whole = move(mode, PLAIN, relay -> {});
    for (int at : cuts(whole.asked())) {
      cutOnce(mode, PLAIN, relay -> relay.cutAt = at);
    }
    for (int at : cuts(whole.answered())) {
      cutOnce(mode, PLAIN, relay -> relay.cutAnswersAt = at);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cutAnywhereItGoesOnEncrypted(Mode mode) throws IOException {
    Said whole = move(mode, encrypted, relay -> {});
    for (int i = 0; i < TLS_CUTS; i++) {
      int at = i * whole.asked().length / TLS_CUTS;
      cutOnce(mode, encrypted, relay -> relay.cutAt = at);
    }
    for (int left : new int[] {1, 40}) { // the last word, and the one before
      int at = whole.answered().length - left;
      cutOnce(mode, encrypted, relay -> relay.cutAnswersAt = at);
    }
  }

  @Test
  void cutAgainAndAgainItGoesOnAsLongAsSomethingArrives() throws IOException {
    move(Mode.STOP_COPY, PLAIN, relay -> relay.cutAt = 150_000); // a frame or two each time
  }

  @Test
  void aConnectionThatSwallowsAllIsGivenUpForAnother() throws IOException {
    Said said =
        move(
            Mode.STOP_COPY,
            PLAIN,
            relay -> {
              relay.stallAt = 100_000;
              Thread.ofVirtual()
                  .start(() -> {
                    await().until(() -> relay.asked.size() > 100_000);
                    relay.stallAt = Long.MAX_VALUE;
                  });
            });
    assertEquals(2, said.connections());
  }

  private static void cutOnce(Mode mode, Doors doors, Damage damage) throws IOException {
    Said said =
        move(
            mode,
            doors,
            relay -> {
              relay.cuts.set(1);
              damage.to(relay);
            });
    assertTrue(said.connections() <= 2, said.connections() + " connections");
  }

  /**
   * What went over the first connection.
   *
   * @param connections how many there were
   */
  private record Said(byte[] asked, byte[] answered, int connections) {}

  /** Moves the image through a relay, and looks that it is the same over there. */
  private static Said move(Mode mode, Doors doors, Damage damage) throws IOException {
    boolean live = mode == Mode.PRE_COPY;
    DeviceState state = live ? DeviceState.PRE_COPY : DeviceState.STOP_COPY;
    FakeDevice from = FakeDevice.giving("gpu0", state, IMAGE);
    from.precopyBytes = IMAGE.length / 2;
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts = new TwoHosts(List.of(from), List.of(to), doors);
        Relay relay = new Relay(hosts.destination.address())) {
      damage.to(relay);
      hosts.expect();
      hosts.open(relay.address());
      if (live) {
        await().until(() -> to.written.size() == from.precopyBytes);
        from.state = DeviceState.STOP_COPY;
      }
      hosts.finish();
      Event.Sent sent = await(hosts.atSource, Event.Sent.class, 1).getFirst();
      List<Event.Arrived> arrived = await(hosts.atDestination, Event.Arrived.class, 1);
      assertEquals(1, arrived.size());
      assertEquals(sent.image(), arrived.getFirst().image());
      assertArrayEquals(IMAGE, to.written.toByteArray());
      await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
      return new Said(
          relay.asked.toByteArray(), relay.answered.toByteArray(), relay.connections.get());
    }
  }

  /** Before, within and in the middle of each frame. */
  private static List<Integer> cuts(byte[] said) {
    List<Integer> cuts = new ArrayList<>();
    for (int at = 0; at < said.length; ) {
      int length = ByteBuffer.wrap(said).getInt(at + LENGTH_AT);
      cuts.addAll(List.of(at, at + HEADER_BYTES / 2, at + HEADER_BYTES + length / 2));
      at += HEADER_BYTES + length;
    }
    cuts.removeIf(at -> at >= said.length);
    return cuts;
  }

  @Test
  void theTokenNeverGoesOverTheNetwork() throws IOException {
    Said said = move(Mode.STOP_COPY, PLAIN, relay -> {});
    String all = new String(said.asked(), StandardCharsets.ISO_8859_1);
    assertTrue(all.contains("gpu7"));
    assertTrue(!all.contains("token"), "the token of the claim is in what the source sent");
  }

  /**
   * Given a stream under way: who shows its pass once more, or an older one, takes nothing over.
   */
  @Test
  void aReplayedPassAndAForgedOneAreRefused() throws IOException {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, IMAGE);
    from.precopyBytes = 100_000;
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts = new TwoHosts(from, to);
        Relay relay = new Relay(hosts.destination.address())) {
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.written.size() == 100_000);
      byte[] heard = relay.asked.toByteArray();
      byte[] hello = new byte[HEADER_BYTES + ByteBuffer.wrap(heard).getInt(LENGTH_AT)];
      System.arraycopy(heard, 0, hello, 0, hello.length);
      assertEquals(Refused.Code.RESUME, answerTo(hosts, hello));
      assertEquals(Refused.Code.TOKEN, answerTo(hosts, nextAttempt(hello)));
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 1);
      await(hosts.atDestination, Event.Arrived.class, 1);
      assertEquals(1, relay.connections.get(), "the stream was not disturbed");
    }
  }

  /** The same pass with a higher attempt, by somebody who has not the secret. */
  private static byte[] nextAttempt(byte[] hello) {
    try (FrameDecoder decoder = FrameDecoder.ofControl()) {
      ByteBuffer bytes = ByteBuffer.wrap(hello);
      Frame frame = null;
      while (frame == null) {
        decoder.space().put(bytes.get());
        frame = decoder.next();
      }
      Frame.Hello heard = (Frame.Hello) frame;
      return bytes(
          new Frame.Hello(
              heard.versions(),
              heard.migration(),
              heard.token().replaceFirst(" 0 ", " 1 "),
              heard.host(),
              heard.device(),
              heard.profile()));
    }
  }

  private static byte[] bytes(Frame frame) {
    ByteBuffer encoded = FrameEncoder.encode(frame);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  @Test
  void aStreamThatWasGivenUpIsNotTakenUpAgain() throws IOException {
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts =
        new TwoHosts(FakeDevice.giving("gpu0", DeviceState.STOP_COPY, IMAGE), to)) {
      hosts.expect();
      try (Socket socket = socket(hosts)) {
        socket.getOutputStream().write(hello(hosts, 0));
        assertTrue(socket.getInputStream().read() >= 0);
      }
      String why = await(hosts.atDestination, Event.Broke.class, 1).getFirst().detail();
      assertTrue(why.contains("did not come back within 600 ms"), why);
      assertEquals(Refused.Code.RESUME, answerTo(hosts, hello(hosts, 1)));
      assertEquals(0, to.written.size());
    }
  }

  @Test
  void aSourceOfAnEarlierOwnerWaitsUntilItHasHeardOfTheLater() {
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts =
        new TwoHosts(FakeDevice.giving("gpu0", DeviceState.STOP_COPY, IMAGE), to)) {
      hosts.promisedBySource.set(new Epoch(2, "o0"));
      hosts.expect();
      hosts.open(hosts.address());
      hosts.finish();
      await().until(() -> hosts.destination.refused(Refused.Code.EPOCH) > 0);
      assertEquals(0, to.written.size());
      hosts.promisedBySource.set(hosts.promisedByDestination.get());
      await(hosts.atDestination, Event.Arrived.class, 1);
      await(hosts.atSource, Event.Sent.class, 1);
    }
  }

  @Test
  void aSourceOfAnEarlierOwnerBreaksInTheEnd() {
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts =
        new TwoHosts(FakeDevice.giving("gpu0", DeviceState.STOP_COPY, IMAGE), to)) {
      hosts.promisedBySource.set(new Epoch(2, "o0"));
      hosts.expect();
      hosts.open(hosts.address());
      String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
      assertTrue(why.contains("EPOCH: epoch 2 is below the promised 3"), why);
      assertEquals(0, to.written.size());
    }
  }

  /** A call that cannot be interrupted holds the device; the next connection waits for it. */
  @Test
  void aNewConnectionWaitsUntilTheOldOneHasLeftTheDevice() throws IOException {
    FakeDevice to = FakeDevice.taking("gpu7");
    try (TwoHosts hosts =
            new TwoHosts(FakeDevice.giving("gpu0", DeviceState.STOP_COPY, IMAGE), to);
        Relay relay = new Relay(hosts.destination.address())) {
      relay.cuts.set(1);
      relay.cutAt = 150_000;
      to.hang = new CountDownLatch(1);
      hosts.expect();
      hosts.open(relay.address());
      hosts.finish();
      await().until(() -> to.inside.get() == 1 && relay.connections.get() > 1);
      to.hang.countDown();
      await(hosts.atDestination, Event.Arrived.class, 1);
      assertArrayEquals(IMAGE, to.written.toByteArray());
    }
  }

  private static byte[] hello(TwoHosts hosts, int attempt) {
    DeviceName device = new DeviceName("gpu7");
    Secret secret = new Secret(MIGRATION, hosts.specOfDestination(), Side.DESTINATION, device);
    String pass = new Pass("0-0", attempt, 3, ImageSum.Kind.SHA_256).text(secret);
    return bytes(
        new Frame.Hello(
            Frame.Versions.OURS, MIGRATION, pass, new HostName("host-b"), device, "mlx5/m"));
  }

  private static Socket socket(TwoHosts hosts) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), hosts.destination.address().getPort());
  }

  private static Refused.Code answerTo(TwoHosts hosts, byte[] hello) throws IOException {
    try (Socket socket = socket(hosts);
        FrameDecoder decoder = FrameDecoder.ofControl()) {
      socket.getOutputStream().write(hello);
      Frame frame = decoder.next();
      while (frame == null) {
        int next = socket.getInputStream().read();
        assertTrue(next >= 0, "closed without an answer");
        decoder.space().put((byte) next);
        frame = decoder.next();
      }
      return ((Refused) frame).code();
    }
  }
}
