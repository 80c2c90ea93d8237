package io.fermata.agent.stream;

import io.fermata.agent.stream.pack.Unpacker;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameFault;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Unpacks the pieces that come over one connection, into the buffer of the device's lane. */
final class Unpacking implements AutoCloseable {
  private final Lane lane;
  private @Nullable Unpacker unpacker;

  Unpacking(Lane lane) {
    this.lane = lane;
  }

  /** The piece as it was; the buffer is free again with the next one. */
  ByteBuffer unpack(Frame.Packed piece) {
    Unpacker by = unpacker;
    if (by == null) {
      by = Unpacker.of(piece.packing());
      unpacker = by;
    }
    if (by.packing() != piece.packing()) {
      throw new FrameFault(
          FrameFault.Code.PACKED,
          "a piece packed with %s in a stream of %s"
              .formatted(piece.packing().word(), by.packing().word()));
    }
    ByteBuffer raw = lane.scratch().limit(piece.rawBytes());
    by.unpack(piece.body(), raw);
    return raw;
  }

  @Override
  public void close() {
    Unpacker by = unpacker;
    unpacker = null;
    if (by != null) {
      by.close();
    }
  }
}
