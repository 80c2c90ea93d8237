package io.fermata.agent.stream.pack;

import com.github.luben.zstd.ZstdCompressCtx;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;

/** Has native memory of its own: for pieces of 256 KiB 0.2 MiB at level -5, 2.6 MiB at level 9. */
final class ZstdPacker implements Packer {
  private final ZstdCompressCtx context;

  ZstdPacker(int level) {
    context = new ZstdCompressCtx().setMagicless(true).setLevel(level);
  }

  @Override
  public Packing packing() {
    return Packing.ZSTD;
  }

  @Override
  public int pack(ByteBuffer piece, ByteBuffer into) {
    return context.compressDirectByteBuffer(
        into, 0, into.capacity(), piece, piece.position(), piece.remaining());
  }

  @Override
  public void close() {
    context.close();
  }
}
