package io.fermata.agent.stream.pack;

import io.fermata.wire.frame.FrameFault;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Unpacks the pieces of one stream, one by one. */
public interface Unpacker extends AutoCloseable {
  Packing packing();

  /**
   * Unpacks what lies between position and limit; moves neither.
   *
   * @param into filled from position to limit exactly, and never beyond
   * @throws FrameFault if the bytes are not a packed piece of that length
   */
  void unpack(ByteBuffer body, ByteBuffer into);

  /** Gives native memory back. */
  @Override
  void close();

  /** A new one. */
  static Unpacker of(Packing packing) {
    return switch (packing) {
      case LZ4 -> new Lz4();
      case ZSTD -> new ZstdUnpacker();
    };
  }

  /** What is said of bytes that are wrong. */
  static FrameFault wrong(Packing packing, int bytes, @Nullable String why) {
    return new FrameFault(
        FrameFault.Code.PACKED,
        "a piece of %d bytes does not unpack with %s: %s".formatted(bytes, packing.word(), why));
  }
}
