package io.fermata.wire.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What arrives is not trusted: however it is cut, and whatever of it is wrong. */
class FrameDecoderTest {
  private static final int DATA_LIMIT = 300;

  private static final Frame.Hello HELLO =
      new Frame.Hello(
          new Frame.Versions(1, 3),
          new MigrationId("m0001"),
          "a secret, häßlich",
          new HostName("host-b"),
          new DeviceName("0000:06:0d.0"),
          "mlx5/cx7");

  private static final List<Frame> ALL =
      List.of(
          HELLO,
          new Frame.Welcome(1, 262_144),
          new Frame.Welcome(2, 262_144, "4f2a-1"),
          new Frame.Welcome(3, 262_144, "4f2a-1", Set.of()),
          new Frame.Welcome(3, 262_144, "4f2a-1", Set.of(Packing.values())),
          new Frame.Resume(HELLO, "4f2a-1", 7),
          new Frame.Taken(Long.MAX_VALUE),
          new Frame.Data(bytes(0)),
          new Frame.Data(bytes(1)),
          new Frame.Data(bytes(DATA_LIMIT)),
          new Frame.Packed(Packing.LZ4, 1, bytes(0)),
          new Frame.Packed(Packing.ZSTD, DATA_LIMIT, bytes(DATA_LIMIT - 5)),
          new Frame.Beat(),
          new Frame.End(new Stop("4f2a", 17), Long.MAX_VALUE, "0a".repeat(32)),
          new Frame.Done(),
          new Frame.Refused(Frame.Refused.Code.DIGEST, "other bytes"),
          new Frame.Abort(""));

  private final Buffers buffers = new Buffers();

  @Test
  void inputCutAnywhereGivesTheSameFrames() {
    byte[] stream = encode(ALL);
    for (long seed = 0; seed < 500; seed++) {
      Random cuts = new Random(seed);
      assertEquals(ALL, decode(stream, cuts), "seed " + seed);
    }
    assertEquals(0, buffers.out);
  }

  @Test
  void aStreamThatEndsInsideAFrameIsTruncatedAtEveryByte() {
    for (Frame frame : ALL) {
      byte[] whole = encode(List.of(frame));
      for (int length = 1; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        FrameFault fault =
            assertThrows(FrameFault.class, () -> decode(part, new Random(1)), frame.toString());
        assertEquals(FrameFault.Code.TRUNCATED, fault.code());
      }
    }
    assertEquals(0, buffers.out);
  }

  @Test
  void everyFlippedBitIsDetected() {
    for (Frame frame : ALL) {
      byte[] whole = encode(List.of(frame));
      for (int bit = 0; bit < whole.length * 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        FrameFault fault =
            assertThrows(
                FrameFault.class, () -> decode(flipped, new Random(2)), frame + ", bit " + bit);
        assertFalse(fault.code() == FrameFault.Code.TRUNCATED, "must not wait for more");
      }
    }
    assertEquals(0, buffers.out);
  }

  /** Checksums hold, since the sender is hostile and not unlucky. */
  @Test
  void noiseBehindRightChecksumsIsRefusedOrUnderstoodButNeverAnythingElse() {
    Random noise = new Random(3);
    int understood = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] payload = new byte[noise.nextInt(80)];
      noise.nextBytes(payload);
      if (noise.nextBoolean()) { // lengths that fit, so that it gets beyond the first field
        for (int i = 0; i < payload.length; i += 3) {
          payload[i] = 0;
        }
      }
      FrameType type = FrameType.of(noise.nextInt(FrameType.values().length)).orElseThrow();
      try {
        decode(frame(type, payload.length, payload), noise);
        understood++;
      } catch (FrameFault e) {
        boolean length = e.code() == FrameFault.Code.LENGTH && type == FrameType.PACKED;
        assertTrue(e.code() == FrameFault.Code.FIELD || length, e::getMessage);
      }
    }
    assertTrue(understood > 0);
    assertEquals(0, buffers.out);
  }

  @Test
  void aLengthBeyondTheLimitIsRefusedBeforeAnyMemoryIsTaken() {
    for (int length : new int[] {DATA_LIMIT + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertCode(FrameFault.Code.LENGTH, frame(FrameType.DATA, length, new byte[0]));
      assertCode(FrameFault.Code.LENGTH, frame(FrameType.PACKED, length, new byte[0]));
    }
    byte[] control = frame(FrameType.HELLO, FrameHeader.CONTROL_LIMIT + 1, new byte[0]);
    assertCode(FrameFault.Code.LENGTH, control);
    assertEquals(0, buffers.taken);
  }

  @Test
  void aStrangerMaySendNoDataAtAll() {
    byte[] data = encode(List.of(new Frame.Data(bytes(1))));
    try (FrameDecoder decoder = FrameDecoder.ofControl()) {
      decoder.space().put(data, 0, FrameHeader.BYTES);
      FrameFault fault = assertThrows(FrameFault.class, decoder::next);
      assertEquals(FrameFault.Code.LENGTH, fault.code());
    }
  }

  @Test
  void aPackedPieceThatWasNotAgreedIsRefused() {
    byte[] piece = encode(List.of(new Frame.Packed(Packing.ZSTD, 9, bytes(4))));
    try (FrameDecoder decoder = new FrameDecoder(DATA_LIMIT, buffers)) {
      decoder.space().put(piece, 0, FrameHeader.BYTES);
      FrameFault fault = assertThrows(FrameFault.class, decoder::next);
      assertEquals(FrameFault.Code.TYPE, fault.code());
      assertEquals(0, buffers.taken, "a buffer was taken for it");
    }
    assertCode(FrameFault.Code.FIELD, piece, Set.of(Packing.LZ4));
    assertCode(FrameFault.Code.FIELD, frame(FrameType.PACKED, 5, new byte[] {3, 0, 0, 0, 9}));
    assertEquals(0, buffers.out);
  }

  @Test
  void aLengthThatAPackedPieceCannotHaveHadIsRefused() {
    for (int length : new int[] {0, -1, DATA_LIMIT + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      Frame piece = new Frame.Packed(Packing.ZSTD, length, bytes(4));
      assertCode(FrameFault.Code.LENGTH, encode(List.of(piece)));
    }
    assertEquals(0, buffers.out);
  }

  /** A later build may know more of them; an earlier one was never told of any. */
  @Test
  void packingsThatNobodyHereKnowsAreLeftOutOfAWelcome() {
    byte[] known = encode(List.of(new Frame.Welcome(3, 9, "t", Set.of(Packing.values()))));
    byte[] payload = Arrays.copyOfRange(known, FrameHeader.BYTES, known.length);
    payload[payload.length - 2] = 77;
    assertEquals(
        List.of(new Frame.Welcome(3, 9, "t", Set.of(Packing.ZSTD))),
        decode(frame(FrameType.WELCOME, payload.length, payload), new Random(6)));
    assertArrayEquals(
        encode(List.of(new Frame.Welcome(2, 9, "t"))),
        encode(List.of(new Frame.Welcome(2, 9, "t", Set.of(Packing.ZSTD)))));
  }

  @Test
  void namesOutsideTheirAlphabetAreRefused() {
    Frame.Hello hello = HELLO;
    byte[] bytes = encode(List.of(hello));
    byte[] payload = Arrays.copyOfRange(bytes, FrameHeader.BYTES, bytes.length);
    payload[10] = 'M'; // the first letter of the migration's id: capitals are not allowed
    assertCode(FrameFault.Code.FIELD, frame(FrameType.HELLO, payload.length, payload));
  }

  @Test
  void bytesBehindTheLastFieldAreRefused() {
    assertCode(FrameFault.Code.FIELD, frame(FrameType.DONE, 1, new byte[1]));
  }

  @Test
  void otherProtocolsAreTold() {
    assertCode(
        FrameFault.Code.MAGIC,
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void theTokenIsNeverShown() {
    assertFalse(HELLO.toString().contains("secret"));
  }

  @Test
  void aDataFrameMadeInPlaceIsTheSameAsAnEncodedOne() {
    ByteBuffer payload = bytes(DATA_LIMIT);
    ByteBuffer inPlace = ByteBuffer.allocateDirect(FrameEncoder.HEADER_BYTES + DATA_LIMIT);
    inPlace.position(FrameEncoder.HEADER_BYTES).put(payload.duplicate());
    FrameEncoder.seal(inPlace);
    assertEquals(FrameEncoder.encode(new Frame.Data(payload)), inPlace);
    Frame.Packed packed = new Frame.Packed(Packing.LZ4, DATA_LIMIT, bytes(7));
    FrameEncoder.seal(inPlace, packed);
    assertEquals(FrameEncoder.encode(packed), inPlace);
  }

  @Test
  void aLongDetailIsCutAndNotAFailure() {
    Frame.Abort abort = new Frame.Abort("ä\uD83D\uDE00".repeat(5_000));
    List<Frame> frames = decode(encode(List.of(abort)), new Random(4));
    assertTrue(((Frame.Abort) frames.getFirst()).detail().endsWith("..."));
  }

  private void assertCode(FrameFault.Code code, byte[] stream) {
    assertCode(code, stream, Set.of(Packing.values()));
  }

  private void assertCode(FrameFault.Code code, byte[] stream, Set<Packing> agreed) {
    FrameFault fault = assertThrows(FrameFault.class, () -> decode(stream, new Random(5), agreed));
    assertEquals(code, fault.code());
  }

  private List<Frame> decode(byte[] stream, Random cuts) {
    return decode(stream, cuts, Set.of(Packing.values()));
  }

  private List<Frame> decode(byte[] stream, Random cuts, Set<Packing> agreed) {
    List<Frame> frames = new ArrayList<>();
    try (FrameDecoder decoder = new FrameDecoder(DATA_LIMIT, buffers, agreed)) {
      int at = 0;
      while (at < stream.length) {
        ByteBuffer space = decoder.space();
        int most = Math.min(space.remaining(), stream.length - at);
        int cut = 1 + cuts.nextInt(most);
        space.put(stream, at, cut);
        at += cut;
        Frame frame = decoder.next();
        if (frame != null) {
          frames.add(keep(frame));
        }
      }
      assertNull(decoder.next());
      decoder.end();
    }
    return frames;
  }

  /** Gives the buffer back, as every user must, and keeps a copy to compare. */
  private Frame keep(Frame frame) {
    if (frame instanceof Frame.Packed packed) {
      return new Frame.Packed(packed.packing(), packed.rawBytes(), copy(packed.body()));
    }
    return frame instanceof Frame.Data data ? new Frame.Data(copy(data.payload())) : frame;
  }

  private ByteBuffer copy(ByteBuffer held) {
    ByteBuffer copy = ByteBuffer.allocate(held.remaining()).put(held).flip();
    buffers.give(held);
    return copy;
  }

  private static byte[] encode(List<Frame> frames) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      ByteBuffer bytes = FrameEncoder.encode(frame);
      while (bytes.hasRemaining()) {
        stream.write(bytes.get());
      }
    }
    return stream.toByteArray();
  }

  private static byte[] frame(FrameType type, int length, byte[] payload) {
    ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES + payload.length);
    new FrameHeader(type, length, FrameHeader.crc(ByteBuffer.wrap(payload))).encode(bytes);
    return bytes.put(FrameHeader.BYTES, payload).array();
  }

  private static ByteBuffer bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private static final class Buffers implements FrameBuffers {
    private int out;
    private int taken;

    @Override
    public ByteBuffer take() {
      out++;
      taken++;
      return ByteBuffer.allocateDirect(DATA_LIMIT);
    }

    @Override
    public void give(ByteBuffer buffer) {
      out--;
    }
  }
}
