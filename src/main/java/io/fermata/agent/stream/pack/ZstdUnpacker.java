package io.fermata.agent.stream.pack;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;

/**
 * Knows no magic numbers: by those a peer could choose another decoder, such as one for the formats
 * before 1.0 that the library may have been built with.
 */
final class ZstdUnpacker implements Unpacker {
  private final ZstdDecompressCtx context = new ZstdDecompressCtx().setMagicless(true);

  @Override
  public Packing packing() {
    return Packing.ZSTD;
  }

  @Override
  public void unpack(ByteBuffer body, ByteBuffer into) {
    int wanted = into.remaining();
    try {
      int made =
          context.decompressDirectByteBuffer(
              into, into.position(), wanted, body, body.position(), body.remaining());
      if (made != wanted) {
        throw Unpacker.wrong(Packing.ZSTD, wanted, made + " bytes are in it");
      }
    } catch (ZstdException e) {
      throw Unpacker.wrong(Packing.ZSTD, wanted, e.getMessage());
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
