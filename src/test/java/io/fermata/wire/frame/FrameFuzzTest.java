package io.fermata.wire.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.pack.Packer;
import io.fermata.agent.stream.pack.Unpacker;
import io.fermata.device.DeviceName;
import io.fermata.fuzz.Fuzz;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The data plane's frames: any bytes are frames or a fault, and no buffer is kept or outgrown. Half
 * of the inputs get checksums that hold, as a hostile sender would make them. Packed pieces are
 * unpacked, too: they become what they say, or a fault, and nothing is written beyond it.
 */
class FrameFuzzTest {
  private static final int DATA_LIMIT = 4096;
  private static final long BYTES_MOST = 1 << 20;
  private static final Stop STOP = new Stop("4f2a", 17);
  private static final int GUARD_BYTES = 64;
  private static final ByteBuffer PAYLOAD = ByteBuffer.allocateDirect(DATA_LIMIT);
  private static final ByteBuffer RAW = ByteBuffer.allocateDirect(DATA_LIMIT + GUARD_BYTES);

  @Test
  void anyBytesAreFramesOrAFault() {
    List<byte[]> corpus = new ArrayList<>();
    for (Frame frame :
        List.of(
            new Frame.Hello(
                new Frame.Versions(1, 3),
                new MigrationId("m0001"),
                "a secret",
                new HostName("host-b"),
                new DeviceName("0000:06:0d.0"),
                "mlx5/cx7"),
            new Frame.Welcome(1, 262_144),
            new Frame.Welcome(2, 262_144, "4f2a-1"),
            new Frame.Welcome(3, 262_144, "4f2a-1", Set.of(Packing.values())),
            packed(Packing.LZ4, DATA_LIMIT),
            packed(Packing.LZ4, 100),
            packed(Packing.ZSTD, DATA_LIMIT),
            packed(Packing.ZSTD, 100),
            new Frame.Taken(5),
            new Frame.Resume(
                new Frame.Hello(
                    new Frame.Versions(1, 2),
                    new MigrationId("m0001"),
                    "a secret",
                    new HostName("host-b"),
                    new DeviceName("gpu0"),
                    "mlx5/cx7"),
                "4f2a-1",
                1),
            new Frame.Data(ByteBuffer.wrap(new byte[64])),
            new Frame.Beat(),
            new Frame.End(STOP, Long.MAX_VALUE, "0a".repeat(32)),
            new Frame.Done(),
            new Frame.Refused(Frame.Refused.Code.DIGEST, "other bytes"),
            new Frame.Abort("no"))) {
      ByteBuffer bytes = FrameEncoder.encode(frame);
      byte[] whole = new byte[bytes.remaining()];
      bytes.get(whole);
      corpus.add(whole);
    }
    new Fuzz("frames", 400_000, BYTES_MOST)
        .feed(
            corpus,
            bytes -> {
              decode(bytes);
              decode(vouched(bytes));
            });
  }

  /** Every other word is noise. */
  private static Frame packed(Packing packing, int bytes) {
    Random noise = new Random(bytes);
    ByteBuffer raw = ByteBuffer.allocateDirect(bytes);
    for (int at = 0; at + 16 <= bytes; at += 16) {
      raw.putLong(at, noise.nextLong());
    }
    ByteBuffer packed = ByteBuffer.allocateDirect(Packer.roomFor(bytes));
    try (Packer packer = Packer.of(packing, -5)) {
      return new Frame.Packed(packing, bytes, packed.limit(packer.pack(raw, packed)));
    }
  }

  private static void unpack(Frame.Packed piece) {
    for (int i = 0; i < GUARD_BYTES; i++) {
      RAW.put(piece.rawBytes() + i, (byte) i);
    }
    try (Unpacker unpacker = Unpacker.of(piece.packing())) {
      unpacker.unpack(piece.body(), RAW.clear().limit(piece.rawBytes()));
    } finally {
      RAW.clear();
      for (int i = 0; i < GUARD_BYTES; i++) {
        assertEquals((byte) i, RAW.get(piece.rawBytes() + i), "written beyond its length");
      }
    }
  }

  /** The same bytes with the checksums of one frame made to hold. */
  private static byte[] vouched(byte[] bytes) {
    if (bytes.length < FrameHeader.BYTES) {
      return bytes;
    }
    ByteBuffer frame = ByteBuffer.wrap(bytes.clone());
    int payload = bytes.length - FrameHeader.BYTES;
    boolean honest = bytes[FrameHeader.BYTES - 1] % 4 != 0;
    if (honest) {
      frame.putInt(4, payload);
    }
    frame.putInt(8, FrameHeader.crc(frame.slice(FrameHeader.BYTES, payload)));
    frame.putInt(12, FrameHeader.crc(frame.slice(0, 12)));
    return frame.array();
  }

  private static void decode(byte[] bytes) {
    Buffers buffers = new Buffers();
    ByteBuffer input = ByteBuffer.wrap(bytes);
    try (FrameDecoder decoder = new FrameDecoder(DATA_LIMIT, buffers, Set.of(Packing.values()))) {
      while (true) {
        Frame frame = decoder.next();
        if (frame instanceof Frame.Data data) {
          assertTrue(data.payload().remaining() <= DATA_LIMIT);
          buffers.give(data.payload());
        } else if (frame instanceof Frame.Packed packed) {
          buffers.give(packed.body());
          unpack(packed);
        } else if (frame == null && !input.hasRemaining()) {
          decoder.end();
          break;
        } else if (frame == null) {
          fill(decoder.space(), input);
        }
      }
    } catch (FrameFault refused) {
      assertTrue(refused.getMessage() != null);
    }
    assertEquals(0, buffers.out, "a buffer was kept");
  }

  private static void fill(ByteBuffer space, ByteBuffer input) {
    int count = Math.min(space.remaining(), input.remaining());
    space.put(input.slice(input.position(), count));
    input.position(input.position() + count);
  }

  private static final class Buffers implements FrameBuffers {
    private int out;

    @Override
    public ByteBuffer take() {
      out++;
      return PAYLOAD.clear();
    }

    @Override
    public void give(ByteBuffer buffer) {
      out--;
    }
  }
}
