package io.fermata.agent.stream.pack;

import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;

/** Packs the pieces of one stream, one by one: each can be unpacked without the others. */
public interface Packer extends AutoCloseable {
  Packing packing();

  /**
   * Packs what lies between position and limit; moves neither.
   *
   * @param into from its start on; has {@link #roomFor} as many bytes
   * @return how many bytes became of it, which may be more
   */
  int pack(ByteBuffer piece, ByteBuffer into);

  /** Gives native memory back. */
  @Override
  void close();

  /** How many bytes may become of so many, with any of them. */
  static int roomFor(int bytes) {
    return bytes + bytes / 128 + 256; // LZ4: 1/255 and 16 more; Zstandard: 1/256 and 64 more
  }

  /**
   * A new one.
   *
   * @param level of Zstandard: less is faster; the others have none
   */
  static Packer of(Packing packing, int level) {
    return switch (packing) {
      case LZ4 -> new Lz4();
      case ZSTD -> new ZstdPacker(level);
    };
  }
}
