package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.PackedStreamTest.halfNoise;
import static io.fermata.agent.stream.PackedStreamTest.packing;
import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.pack.Packer;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Frame.Versions;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.Packing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing is packed but what both ends agreed on, and what pays; nothing else is taken for it. */
class AgreedPackingTest {
  private static final int FRAME_BYTES = PlainPeer.FRAME_BYTES;
  private static final byte[] IMAGE = halfNoise(5 * FRAME_BYTES + 777);

  /** What a destination by hand gets of a source that was told to pack so. */
  private static PlainPeer.Taken sent(byte[] image, Compression told, Frame.Welcome welcome)
      throws IOException, InterruptedException, ExecutionException {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image);
    FakeDevice to = FakeDevice.taking("gpu7");
    StreamSettings settings = PackedStreamTest.PATIENT.with(told);
    try (ServerSocket at = PlainPeer.listener();
        TwoHosts hosts =
            new TwoHosts(
                List.of(from),
                List.of(to),
                new TwoHosts.Doors(null, null),
                new TwoHosts.Limits(settings, settings))) {
      var taken = PlainPeer.taking(at, welcome);
      hosts.open("127.0.0.1:" + at.getLocalPort());
      hosts.finish();
      TwoHosts.await(hosts.atSource, Event.Sent.class, 1);
      assertArrayEquals(image, taken.get().image());
      return taken.get();
    }
  }

  private static Frame.Welcome welcome(Packing... packings) {
    return new Frame.Welcome(3, FRAME_BYTES, "", Set.of(packings));
  }

  @ParameterizedTest
  @EnumSource
  void whatBothEndsCanDoIsDone(Packing packing) throws Exception {
    PlainPeer.Taken taken = sent(IMAGE, packing(packing), welcome(Packing.values()));
    assertEquals(Versions.OURS, ((Frame.Hello) taken.said()).versions());
    assertEquals(6, taken.packed().size());
    for (Frame.Packed each : taken.packed()) {
      assertEquals(packing, each.packing());
    }
    assertEquals(FRAME_BYTES, taken.packed().getFirst().rawBytes());
    assertEquals(777, taken.packed().getLast().rawBytes());
  }

  @Test
  void anOlderDestinationIsSentNothingPacked() throws Exception {
    Frame.Welcome older = new Frame.Welcome(2, FRAME_BYTES, "");
    assertEquals(List.of(), sent(IMAGE, packing(Packing.ZSTD), older).packed());
  }

  @Test
  void aDestinationThatCannotUnpackIsSentNothingPacked() throws Exception {
    assertEquals(List.of(), sent(IMAGE, packing(Packing.ZSTD), welcome()).packed());
    assertEquals(List.of(), sent(IMAGE, packing(Packing.ZSTD), welcome(Packing.LZ4)).packed());
  }

  @Test
  void aProfileThatIsNotNamedIsNotPacked() throws Exception {
    Compression others =
        new Compression(Map.of("mlx5/other", new Compression.Choice(Packing.LZ4, -5)));
    assertEquals(List.of(), sent(IMAGE, others, welcome(Packing.values())).packed());
    assertEquals(List.of(), sent(IMAGE, Compression.NONE, welcome(Packing.values())).packed());
  }

  /** A sixteenth of 64 KiB is 4,096; what LZ4 needs besides the noise is less than 300 bytes. */
  @Test
  void whatDoesNotPayGoesOutAsItIs() throws Exception {
    byte[] little = image(3 * FRAME_BYTES);
    Arrays.fill(little, 0, 4_000, (byte) 0);
    Arrays.fill(little, FRAME_BYTES, FRAME_BYTES + 4_700, (byte) 0);
    List<Frame> pieces = sent(little, packing(Packing.LZ4), welcome(Packing.LZ4)).pieces();
    assertEquals(
        List.of(Frame.Data.class, Frame.Packed.class, Frame.Data.class),
        pieces.stream().map(Object::getClass).toList());
  }

  // ---- a source by hand ----------------------------------------------------------------------

  private final FakeDevice to = FakeDevice.taking("gpu7");

  private interface Story {
    void with(Socket socket, TwoHosts hosts) throws IOException;
  }

  /** Given a destination that has let in a source of these versions. */
  private void letIn(Versions versions, Frame.Welcome expected, Story story) throws IOException {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, IMAGE);
    var limits = new TwoHosts.Limits(PackedStreamTest.PATIENT, PackedStreamTest.PATIENT);
    try (TwoHosts hosts =
            new TwoHosts(List.of(from), List.of(to), new TwoHosts.Doors(null, null), limits);
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), hosts.destination.address().getPort())) {
      hosts.expect();
      PlainPeer.say(
          socket,
          new Frame.Hello(
              versions,
              MIGRATION,
              "token",
              new HostName("host-b"),
              new DeviceName("gpu7"),
              "mlx5/m"));
      Frame.Welcome welcome = (Frame.Welcome) heard(socket);
      assertEquals(expected.version(), welcome.version());
      assertEquals(expected.packings(), welcome.packings());
      story.with(socket, hosts);
      await().until(() -> hosts.destination.buffersTaken() == 0);
    }
  }

  private static Frame heard(Socket socket) throws IOException {
    return PlainPeer.hear(socket, FrameDecoder.ofControl());
  }

  private static Frame.Packed packed(Packing packing, int length) {
    ByteBuffer raw = ByteBuffer.allocateDirect(1_000);
    ByteBuffer room = ByteBuffer.allocateDirect(Packer.roomFor(1_000));
    try (Packer packer = Packer.of(packing, -5)) {
      return new Frame.Packed(packing, length, room.limit(packer.pack(raw, room)));
    }
  }

  private static void refused(Socket socket, String why) throws IOException {
    Refused refused = (Refused) heard(socket);
    assertEquals(Refused.Code.FRAME, refused.code());
    assertTrue(refused.detail().contains(why), refused.detail());
  }

  @Test
  void anOlderSourceIsToldOfNoPackingAndMaySendNone() throws IOException {
    letIn(
        new Versions(1, 2),
        new Frame.Welcome(2, FRAME_BYTES, ""),
        (socket, hosts) -> {
          PlainPeer.say(socket, packed(Packing.LZ4, 1_000));
          refused(socket, "not agreed");
          assertEquals(0, to.written.size());
        });
  }

  @ParameterizedTest
  @EnumSource
  void aLengthThatLiesEndsInARefusalAndNothingReachesTheDevice(Packing packing) throws IOException {
    for (int length : new int[] {999, 1_001, FRAME_BYTES, FRAME_BYTES + 1, 0, -1}) {
      letIn(
          Versions.OURS,
          welcome(Packing.values()),
          (socket, hosts) -> {
            PlainPeer.say(socket, packed(packing, length));
            refused(socket, "a p"); // a piece or a packed piece of so many bytes
            assertEquals(0, to.written.size());
            String there =
                TwoHosts.await(hosts.atDestination, Event.Broke.class, 1).getFirst().detail();
            assertTrue(there.contains("FRAME"), there);
          });
    }
  }

  @Test
  void aBodyThatIsNoneEndsInARefusalAndNothingReachesTheDevice() throws IOException {
    for (Packing packing : Packing.values()) {
      letIn(
          Versions.OURS,
          welcome(Packing.values()),
          (socket, hosts) -> {
            PlainPeer.say(socket, new Frame.Packed(packing, 500, ByteBuffer.wrap(image(300))));
            refused(socket, "does not unpack with " + packing.word());
            assertEquals(0, to.written.size());
          });
    }
  }

  @Test
  void aStreamIsPackedInOneWayOnly() throws IOException {
    letIn(
        Versions.OURS,
        welcome(Packing.values()),
        (socket, hosts) -> {
          PlainPeer.say(socket, packed(Packing.LZ4, 1_000));
          PlainPeer.say(socket, new Frame.Data(ByteBuffer.wrap(new byte[] {1, 2, 3})));
          assertEquals(new Frame.Taken(1_003), heard(socket));
          PlainPeer.say(socket, packed(Packing.ZSTD, 1_000));
          refused(socket, "zstd in a stream of lz4");
          assertEquals(1_003, to.written.size());
        });
  }
}
