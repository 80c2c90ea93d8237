package io.fermata.agent.stream.pack;

import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** Both ways; keeps nothing from one piece to the next. */
final class Lz4 implements Packer, Unpacker {
  private final LZ4Compressor compressor = LZ4Factory.nativeInstance().fastCompressor();
  private final LZ4SafeDecompressor decompressor = LZ4Factory.nativeInstance().safeDecompressor();

  @Override
  public Packing packing() {
    return Packing.LZ4;
  }

  @Override
  public int pack(ByteBuffer piece, ByteBuffer into) {
    return compressor.compress(
        piece, piece.position(), piece.remaining(), into, 0, into.capacity());
  }

  @Override
  public void unpack(ByteBuffer body, ByteBuffer into) {
    int wanted = into.remaining();
    try {
      int made =
          decompressor.decompress(
              body, body.position(), body.remaining(), into, into.position(), wanted);
      if (made != wanted) {
        throw Unpacker.wrong(Packing.LZ4, wanted, made + " bytes are in it");
      }
    } catch (LZ4Exception e) {
      throw Unpacker.wrong(Packing.LZ4, wanted, e.getMessage());
    }
  }

  @Override
  public void close() {}
}
