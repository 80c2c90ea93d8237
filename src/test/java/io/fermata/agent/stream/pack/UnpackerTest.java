package io.fermata.agent.stream.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdCompressCtx;
import io.fermata.wire.frame.FrameFault;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was packed comes back; all else is refused, and nothing is written beyond its length. */
class UnpackerTest {
  private static final int BYTES = 1_000;
  private static final int GUARD_BYTES = 300;

  @Test
  void bothLibrariesAreHere() {
    assertEquals(new Libraries(Set.of(Packing.values()), ""), Libraries.load());
  }

  @ParameterizedTest
  @EnumSource
  void everyLengthComesBackWhateverItsBytes(Packing packing) {
    for (int bytes : new int[] {1, 2, 15, 16, 17, 4_096, 65_536, 262_144}) {
      for (int noise : new int[] {0, 1, 2}) { // none, half, all
        ByteBuffer piece = piece(bytes, noise);
        ByteBuffer packed = packed(packing, piece);
        assertEquals(piece, unpacked(packing, packed, bytes), bytes + " bytes, noise " + noise);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherLengthThanItHadIsRefused(Packing packing) {
    ByteBuffer packed = packed(packing, piece(BYTES, 1));
    for (int bytes : new int[] {1, BYTES - 1, BYTES + 1, BYTES + GUARD_BYTES}) {
      assertRefused(packing, packed, bytes);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatIsCutOffIsRefused(Packing packing) {
    ByteBuffer packed = packed(packing, piece(BYTES, 1));
    for (int bytes = 0; bytes < packed.remaining(); bytes++) {
      assertRefused(packing, packed.slice(0, bytes), BYTES);
    }
  }

  /** Some give another piece of the same length: that the image's SHA-256 tells. */
  @ParameterizedTest
  @EnumSource
  void aFlippedBitIsRefusedOrGivesAPieceOfThatLength(Packing packing) {
    ByteBuffer packed = packed(packing, piece(BYTES, 1));
    int refused = 0;
    for (int bit = 0; bit < packed.remaining() * 8; bit++) {
      ByteBuffer flipped = ByteBuffer.allocateDirect(packed.remaining()).put(packed.duplicate());
      flipped.flip().put(bit / 8, (byte) (flipped.get(bit / 8) ^ (1 << (bit % 8))));
      try {
        assertEquals(BYTES, unpacked(packing, flipped, BYTES).remaining());
      } catch (FrameFault e) {
        assertEquals(FrameFault.Code.PACKED, e.code());
        refused++;
      }
    }
    assertTrue(refused > 0);
  }

  /** The library knows it, and nobody here asks for it. */
  @Test
  void zstandardWithItsMagicNumberIsRefused() {
    ByteBuffer packed = ByteBuffer.allocateDirect(Packer.roomFor(BYTES));
    ByteBuffer piece = piece(BYTES, 1);
    try (var context = new ZstdCompressCtx()) {
      int size = context.compressDirectByteBuffer(packed, 0, packed.capacity(), piece, 0, BYTES);
      assertRefused(Packing.ZSTD, packed.limit(size), BYTES);
    }
  }

  private static void assertRefused(Packing packing, ByteBuffer packed, int bytes) {
    var fault = assertThrows(FrameFault.class, () -> unpacked(packing, packed, bytes));
    assertEquals(FrameFault.Code.PACKED, fault.code());
    assertTrue(fault.getMessage().contains(bytes + " bytes"), fault::getMessage);
  }

  private static ByteBuffer piece(int bytes, int noise) {
    ByteBuffer piece = ByteBuffer.allocateDirect(bytes);
    Random random = new Random(bytes);
    for (int i = 0; i < bytes; i++) {
      if (noise == 2 || (noise == 1 && i % 64 < 32)) {
        piece.put(i, (byte) random.nextInt());
      }
    }
    return piece;
  }

  private static ByteBuffer packed(Packing packing, ByteBuffer piece) {
    ByteBuffer packed = ByteBuffer.allocateDirect(Packer.roomFor(piece.remaining()));
    try (Packer packer = Packer.of(packing, -5)) {
      assertEquals(packing, packer.packing());
      return packed.limit(packer.pack(piece, packed));
    }
  }

  private static ByteBuffer unpacked(Packing packing, ByteBuffer packed, int bytes) {
    ByteBuffer room = ByteBuffer.allocateDirect(bytes + GUARD_BYTES);
    for (int i = 0; i < GUARD_BYTES; i++) {
      room.put(bytes + i, (byte) i);
    }
    try (Unpacker unpacker = Unpacker.of(packing)) {
      unpacker.unpack(packed, room.limit(bytes));
    } finally {
      room.clear();
      for (int i = 0; i < GUARD_BYTES; i++) {
        assertEquals((byte) i, room.get(bytes + i), "written beyond its length");
      }
    }
    return room.limit(bytes);
  }
}
