package io.fermata.wire.frame;

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
          new Frame.Resume(HELLO, "4f2a-1", 7),
          new Frame.Taken(Long.MAX_VALUE),
          new Frame.Data(bytes(0)),
          new Frame.Data(bytes(1)),
          new Frame.Data(bytes(DATA_LIMIT)),
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
        assertEquals(FrameFault.Code.FIELD, e.code());
      }
    }
    assertTrue(understood > 0);
    assertEquals(0, buffers.out);
  }

  @Test
  void aLengthBeyondTheLimitIsRefusedBeforeAnyMemoryIsTaken() {
    for (int length : new int[] {DATA_LIMIT + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertCode(FrameFault.Code.LENGTH, frame(FrameType.DATA, length, new byte[0]));
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
  }

  @Test
  void aLongDetailIsCutAndNotAFailure() {
    Frame.Abort abort = new Frame.Abort("ä\uD83D\uDE00".repeat(5_000));
    List<Frame> frames = decode(encode(List.of(abort)), new Random(4));
    assertTrue(((Frame.Abort) frames.getFirst()).detail().endsWith("..."));
  }

  private void assertCode(FrameFault.Code code, byte[] stream) {
    FrameFault fault = assertThrows(FrameFault.class, () -> decode(stream, new Random(5)));
    assertEquals(code, fault.code());
  }

  private List<Frame> decode(byte[] stream, Random cuts) {
    List<Frame> frames = new ArrayList<>();
    try (FrameDecoder decoder = new FrameDecoder(DATA_LIMIT, buffers)) {
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
    if (frame instanceof Frame.Data data) {
      ByteBuffer copy = ByteBuffer.allocate(data.payload().remaining());
      copy.put(data.payload()).flip();
      buffers.give(data.payload());
      return new Frame.Data(copy);
    }
    return frame;
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
