package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static io.fermata.agent.stream.TwoHosts.SETTINGS;
import static io.fermata.agent.stream.TwoHosts.await;
import static io.fermata.agent.stream.TwoHosts.heard;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.StreamSettings.Resuming;
import io.fermata.agent.stream.TwoHosts.Doors;
import io.fermata.agent.stream.TwoHosts.Limits;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.Stop;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that breaks is no reason to begin the image anew, and none to write it twice. */
class ResumedStreamTest {
  private static final int SEEDS = 30;
  private static final byte[] IMAGE = image(700_000);
  private static final StreamSettings PATIENT = SETTINGS.with(new Resuming(20_000, 20_000, 4, 8));

  /** One that cannot be waited for in a test, unless the guest is dark. */
  private static final StreamSettings ENDLESS = SETTINGS.with(new Resuming(600_000, 100, 4, 8));

  private static final Doors PLAIN = new Doors(null, null);

  @TempDir static Path folder;
  private static Doors encrypted;

  private final FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, IMAGE);
  private final FakeDevice to = FakeDevice.taking("gpu7");

  @BeforeAll
  static void certificates() {
    var made = new Certificates(folder);
    encrypted =
        new Doors(
            new TlsDoor(made.files("host-a", "host-b")),
            new TlsDoor(made.files("host-b", "host-a")));
  }

  /** What is done to the connections. */
  private interface Damage {
    void to(Relay relay);
  }

  @ParameterizedTest
  @EnumSource
  void whereverConnectionsBreakTheImageArrivesOnceAndWhole(Wire wire) throws IOException {
    int connections = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      int cuts = 1 + random.nextInt(3);
      // past the greeting, which alone may not break
      int at = (wire == Wire.PLAIN ? 400 : 8_000) + random.nextInt(IMAGE.length);
      int answersAt = (wire == Wire.PLAIN ? 60 : 4_000) + random.nextInt(300);
      boolean answers = random.nextInt(3) == 0;
      Damage damage =
          relay -> {
            relay.cuts.set(cuts);
            if (answers) {
              relay.cutAnswersAt = answersAt;
            } else {
              relay.cutAt = at;
            }
          };
      int live = random.nextInt(IMAGE.length);
      connections += move("seed " + seed, doors(wire), live, damage).connections();
    }
    assertTrue(connections > SEEDS * 3 / 2, connections + " connections: too few have broken");
  }

  /** How bytes go over the network. */
  enum Wire {
    PLAIN,
    TLS
  }

  private static Doors doors(Wire wire) {
    return wire == Wire.PLAIN ? PLAIN : encrypted;
  }

  /** The digest is said, the answer lost: the same is said again, and the image counts once. */
  @Test
  void theLastWordsMayBeLostToo() throws IOException {
    Said all = move("whole", PLAIN, IMAGE.length / 2, relay -> {});
    for (int left = 1; left < 60; left += 7) {
      long asked = all.asked() - left;
      long answered = all.answered() - left;
      move("end - " + left, PLAIN, IMAGE.length / 2, once(relay -> relay.cutAt = asked));
      move("done - " + left, PLAIN, IMAGE.length / 2, once(r -> r.cutAnswersAt = answered));
    }
  }

  private static Damage once(Damage damage) {
    return relay -> {
      relay.cuts.set(1);
      damage.to(relay);
    };
  }

  private record Said(long asked, long answered, int connections) {}

  private static Said move(String what, Doors doors, int live, Damage damage) throws IOException {
    return move(what, doors, PATIENT, live, damage);
  }

  private static Said move(
      String what, Doors doors, StreamSettings settings, int live, Damage damage)
      throws IOException {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, IMAGE);
    FakeDevice to = FakeDevice.taking("gpu7");
    from.precopyBytes = live;
    var limits = new Limits(settings, settings);
    try (TwoHosts hosts = new TwoHosts(List.of(from), List.of(to), doors, limits);
        Relay relay = new Relay(hosts.destination.address())) {
      damage.to(relay);
      hosts.expect();
      hosts.open(relay.address());
      await().alias(what).until(() -> to.written.size() >= live);
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      Event.Sent sent = await(hosts.atSource, Event.Sent.class, 1).getFirst();
      Event.Arrived arrived = await(hosts.atDestination, Event.Arrived.class, 1).getFirst();
      assertEquals(sent.image(), arrived.image(), what);
      assertArrayEquals(IMAGE, to.written.toByteArray(), what);
      await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
      assertEquals(1, heard(hosts.atSource, Event.Sent.class).size(), what);
      assertEquals(1, heard(hosts.atDestination, Event.Arrived.class).size(), what);
      assertEquals(List.of(), heard(hosts.atSource, Event.Broke.class), what);
      assertEquals(List.of(), heard(hosts.atDestination, Event.Broke.class), what);
      return new Said(relay.asked.get(), relay.answered.get(), relay.connections.get());
    }
  }

  @Test
  void aStreamThatStandsStillDoesNotSayThatLittleIsLeft() throws IOException {
    cutOff(
        PATIENT,
        (hosts, relay) -> {
          await().until(() -> !heard(hosts.atSource, Event.Flowed.class).isEmpty());
          await().until(() -> heard(hosts.atSource, Event.Flowed.class).getLast().left() == null);
          relay.closed = false;
          await().until(() -> heard(hosts.atSource, Event.Flowed.class).getLast().left() != null);
        });
  }

  @Test
  void whileTheGuestIsDarkAnotherConnectionIsLookedForOnlyAsLongAsThatMayLast() throws IOException {
    cutOff(
        ENDLESS,
        (hosts, relay) -> {
          from.state = DeviceState.STOP_COPY;
          hosts.finish();
          String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
          assertTrue(why.contains("no other way was found in time"), why);
          assertEquals(List.of(), heard(hosts.atSource, Event.Sent.class));
        });
  }

  @Test
  void whoFindsNoOtherWayInTimeBreaksOnBothSides() throws IOException {
    cutOff(
        SETTINGS.with(new Resuming(300, 300, 4, 8)),
        (hosts, relay) -> {
          TwoHosts.Details why = hosts.broken();
          assertTrue(why.source().contains("no other way was found in time"), why.source());
          assertTrue(why.destination().contains("nobody came back within 1300"), why.destination());
          relay.closed = false;
          assertEquals(Refused.Code.RESUME, answerTo(hosts, resume("x", 9)));
        });
  }

  @Test
  void connectionsThatBringNothingForwardAreNoOtherWay() throws IOException {
    from.precopyBytes = 100_000;
    try (TwoHosts hosts = hosts(from, to, SETTINGS.with(new Resuming(300, 300, 4, 8)), PATIENT);
        Relay relay = new Relay(hosts.destination.address())) {
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.written.size() == from.precopyBytes);
      relay.cutAt = 200; // of each: more than a greeting, less than a frame
      from.precopyBytes = 300_000;
      String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
      assertTrue(why.contains("no other way was found in time"), why);
      assertTrue(relay.connections.get() > 2, "it was tried");
    }
  }

  /** What the device has swallowed belongs to the claim that is gone. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClaimThatWasDroppedIsNeverGoneOnWith(boolean claimedAgain) throws IOException {
    cutOff(
        ENDLESS,
        (hosts, relay) -> {
          int written = to.written.size();
          hosts.destination.drop(MIGRATION);
          int heardThere = hosts.atDestination.size();
          if (claimedAgain) {
            hosts.expect();
          }
          relay.closed = false;
          String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
          assertTrue(why.contains(claimedAgain ? "RESUME" : "MIGRATION"), why);
          assertEquals(written, to.written.size());
          assertEquals(heardThere, hosts.atDestination.size());
        });
  }

  @Test
  void aSourceThatIsDroppedLooksForNothingMoreAndSaysNothing() throws IOException {
    cutOff(
        ENDLESS,
        (hosts, relay) -> {
          hosts.source.drop(MIGRATION);
          int said = hosts.atSource.size();
          await().until(() -> hosts.source.buffersTaken() == 0);
          relay.closed = false;
          hosts.open(
              relay.address()); // another session of the device: its first stream was another's
          String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
          assertTrue(why.contains("TAKEN"), why);
          assertEquals(said + 1, hosts.atSource.size());
        });
  }

  @Test
  void otherTicketsOtherTokensAndConnectionsThatHaveBeenHereAreRefused() throws IOException {
    from.precopyBytes = 100_000;
    try (TwoHosts hosts = hosts(from, to, PATIENT, PATIENT)) {
      hosts.expect();
      assertEquals(Refused.Code.RESUME, answerTo(hosts, resume("x", 1)), "it has not begun");
      hosts.open(hosts.address());
      await().until(() -> to.written.size() == 100_000);
      assertEquals(Refused.Code.RESUME, answerTo(hosts, resume("x", 1)));
      assertEquals(Refused.Code.RESUME, answerTo(hosts, resume("", 1)));
      Frame.Hello stranger = hello("other");
      assertEquals(Refused.Code.TOKEN, answerTo(hosts, new Frame.Resume(stranger, "x", 1)));
      assertEquals(Refused.Code.TAKEN, answerTo(hosts, hello("token")));
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      await(hosts.atDestination, Event.Arrived.class, 1);
      assertArrayEquals(IMAGE, to.written.toByteArray());
    }
  }

  /** What the greeting of a stream is, for one who has seen it. */
  @Test
  void theSameConnectionDoesNotComeTwice() throws IOException {
    try (TwoHosts hosts = hosts(from, to, PATIENT, PATIENT);
        Socket first = socket(hosts)) {
      hosts.expect();
      String ticket = ((Frame.Welcome) answer(first, hello("token"))).ticket();
      try (Socket second = socket(hosts)) {
        assertEquals(new Frame.Taken(0), answer(second, resume(ticket, 2)));
        assertEquals(-1, first.getInputStream().read(), "the first one is over");
        assertEquals(Refused.Code.RESUME, answerTo(hosts, resume(ticket, 2)));
        assertEquals(Refused.Code.RESUME, answerTo(hosts, resume(ticket, 1)));
        assertEquals(Refused.Code.RESUME, answerTo(hosts, resume(ticket + "0", 3)));
      }
    }
  }

  /** The device may be loading what it has by then. */
  @Test
  void afterTheEndNothingMoreIsWrittenAndNoOtherEndIsTaken() throws IOException {
    Frame.End end = new Frame.End(TwoHosts.STOP, 0, DataPlaneTest.sha256(new byte[0]));
    Frame.End other = new Frame.End(new Stop("4f2a", 18), 0, end.sha256());
    try (TwoHosts hosts = hosts(from, to, PATIENT, PATIENT);
        Socket first = socket(hosts);
        Socket second = socket(hosts);
        Socket third = socket(hosts)) {
      hosts.expect();
      String ticket = ((Frame.Welcome) answer(first, hello("token"))).ticket();
      assertEquals(new Frame.Done(), answer(first, end));
      assertEquals(new Frame.Taken(0), answer(second, resume(ticket, 1)));
      assertEquals(Refused.Code.RESUME, ((Refused) answer(second, other)).code());
      assertEquals(new Frame.Taken(0), answer(third, resume(ticket, 2)));
      ByteBuffer piece = ByteBuffer.wrap(new byte[] {1, 2, 3});
      send(third, new Frame.Data(piece));
      assertEquals(-1, third.getInputStream().read());
      assertEquals(0, to.written.size());
      assertEquals(1, heard(hosts.atDestination, Event.Arrived.class).size());
    }
  }

  /** A call that cannot be interrupted holds the device; the next connection waits for it. */
  @Test
  void nobodyGoesOnBeforeTheLastConnectionHasLeftTheDevice() throws IOException {
    from.precopyBytes = 300_000;
    try (TwoHosts hosts = hosts(from, to, PATIENT, PATIENT);
        Relay relay = new Relay(hosts.destination.address())) {
      to.hang = new CountDownLatch(1);
      relay.cuts.set(1);
      relay.cutAt = 200_000;
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.inside.get() == 1 && relay.connections.get() > 2);
      assertEquals(0, to.written.size());
      to.hang.countDown();
      await().until(() -> to.written.size() == 300_000);
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      await(hosts.atSource, Event.Sent.class, 1);
      assertArrayEquals(IMAGE, to.written.toByteArray());
    }
  }

  @ParameterizedTest
  @CsvSource({"true,false", "false,true"})
  void withAPeerThatKnowsOnlyTheFirstVersionAStreamIsOneConnection(boolean source, boolean other)
      throws IOException {
    from.precopyBytes = 300_000;
    try (TwoHosts hosts = hosts(from, to, source ? PATIENT : SETTINGS, other ? PATIENT : SETTINGS);
        Relay relay = new Relay(hosts.destination.address())) {
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.written.size() == 300_000);
      relay.cutAt = 350_000;
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      hosts.broken();
      assertEquals(1, relay.connections.get());
    }
  }

  /** Who finds no room to keep what it sent goes on all the same, until a connection breaks. */
  @Test
  void whatIsNotKeptCannotBeSentAgain() throws IOException {
    StreamSettings none = SETTINGS.with(new Resuming(20_000, 20_000, 4, 0));
    move("no cut", PLAIN, none, 300_000, relay -> {});
    from.precopyBytes = IMAGE.length;
    try (TwoHosts hosts = hosts(from, to, none, PATIENT);
        Relay relay = new Relay(hosts.destination.address())) {
      relay.cuts.set(1);
      relay.cutAt = 300_000;
      hosts.expect();
      hosts.open(relay.address());
      TwoHosts.Details why = hosts.broken();
      assertTrue(why.source().contains("bytes that are not kept"), why.source());
      assertTrue(why.destination().contains("gave up"), why.destination());
    }
  }

  @Test
  void aDestinationThatTookMoreOrPartOfAFrameIsNotBelieved() {
    BufferPool pool = new BufferPool(2, 2, 16);
    try (Window window = new Window(pool, 4)) {
      assertTrue(window.add(pool.take(), 10));
      assertTrue(window.add(pool.take(), 30));
      window.taken(10);
      assertEquals(1, pool.taken());
      for (long bytes : new long[] {9, 11, 29, 31}) {
        try (Window other = new Window(new BufferPool(1, 0, 1), 4)) {
          other.add(ByteBuffer.allocate(1), 10);
          other.taken(10);
          other.add(ByteBuffer.allocate(1), 30);
          assertEquals(
              StreamFault.Code.OUT_OF_TURN,
              assertThrows(StreamFault.class, () -> other.taken(bytes)).code());
        }
      }
    }
    assertEquals(0, pool.taken());
  }

  private interface Story {
    void with(TwoHosts hosts, Relay relay) throws IOException;
  }

  /** Given a pre-copy whose connection breaks, and nobody gets through for now. */
  private void cutOff(StreamSettings settings, Story story) throws IOException {
    from.precopyBytes = 100_000;
    try (TwoHosts hosts = hosts(from, to, settings, settings);
        Relay relay = new Relay(hosts.destination.address())) {
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.written.size() == from.precopyBytes);
      relay.closed = true;
      relay.cuts.set(1);
      relay.cutAt = 150_000;
      from.precopyBytes = 300_000;
      await().until(() -> relay.cuts.get() == 0);
      story.with(hosts, relay);
    }
  }

  private static TwoHosts hosts(
      FakeDevice from, FakeDevice to, StreamSettings source, StreamSettings destination) {
    return new TwoHosts(List.of(from), List.of(to), PLAIN, new Limits(source, destination));
  }

  private static Frame.Hello hello(String token) {
    return new Frame.Hello(
        Frame.Versions.OURS,
        MIGRATION,
        token,
        new HostName("host-b"),
        new DeviceName("gpu7"),
        "mlx5/m");
  }

  private static Frame.Resume resume(String ticket, int attempt) {
    return new Frame.Resume(hello("token"), ticket, attempt);
  }

  private static Socket socket(TwoHosts hosts) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), hosts.destination.address().getPort());
  }

  private static Refused.Code answerTo(TwoHosts hosts, Frame greeting) throws IOException {
    try (Socket socket = socket(hosts)) {
      return ((Refused) answer(socket, greeting)).code();
    }
  }

  private static void send(Socket socket, Frame frame) throws IOException {
    ByteBuffer encoded = FrameEncoder.encode(frame);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    socket.getOutputStream().write(bytes);
  }

  private static Frame answer(Socket socket, Frame said) throws IOException {
    send(socket, said);
    try (FrameDecoder decoder = FrameDecoder.ofControl()) {
      Frame frame = decoder.next();
      assertNull(frame);
      while (frame == null) {
        int next = socket.getInputStream().read();
        assertTrue(next >= 0, "closed without an answer");
        decoder.space().put((byte) next);
        frame = decoder.next();
      }
      return frame;
    }
  }
}
