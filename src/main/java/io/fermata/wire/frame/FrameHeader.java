package io.fermata.wire.frame;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The sixteen bytes in front of every payload. */
record FrameHeader(FrameType type, int length, int crc) {
  static final int BYTES = 16;

  /**
   * Limit of every payload but those of pieces: nobody may make us reserve more before saying who
   * it is.
   */
  static final int CONTROL_LIMIT = 4096;

  private static final short MAGIC = (short) 0xFE4D;
  private static final int CHECKED_BYTES = 12;

  /** Puts the header at the start of the buffer, whatever its position. */
  void encode(ByteBuffer frame) {
    frame.putShort(0, MAGIC);
    frame.put(2, (byte) type.number());
    frame.put(3, (byte) 0);
    frame.putInt(4, length);
    frame.putInt(8, crc);
    frame.putInt(CHECKED_BYTES, crc(frame.slice(0, CHECKED_BYTES)));
  }

  /** Reads the header at the start of the buffer; the limit is that of a piece. */
  static FrameHeader decode(ByteBuffer header, int dataLimit) {
    if (header.getShort(0) != MAGIC) {
      throw new FrameFault(FrameFault.Code.MAGIC, "the bytes are no frame of this protocol");
    }
    if (header.getInt(CHECKED_BYTES) != crc(header.slice(0, CHECKED_BYTES))) {
      throw new FrameFault(FrameFault.Code.HEADER, "a frame header's CRC32C does not match");
    }
    int number = Byte.toUnsignedInt(header.get(2));
    Optional<FrameType> known = header.get(3) == 0 ? FrameType.of(number) : Optional.empty();
    FrameType type =
        known.orElseThrow(() ->
            new FrameFault(
                FrameFault.Code.TYPE,
                "unknown frame type %d, flags %d".formatted(number, header.get(3))));
    int length = header.getInt(4);
    int limit = type.isPiece() ? dataLimit : CONTROL_LIMIT;
    if (length < 0 || length > limit) {
      throw new FrameFault(
          FrameFault.Code.LENGTH,
          "a %s frame of %d bytes, at most %d"
              .formatted(type, Integer.toUnsignedLong(length), limit));
    }
    return new FrameHeader(type, length, header.getInt(8));
  }

  /** CRC32C from position to limit; moves neither. */
  static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
