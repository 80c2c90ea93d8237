package io.fermata.agent.device.emulated;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first 256 bytes of an image: magic, version, checksum, sizes, the state counter when the
 * session was opened, model, guest, origin. What a destination can refuse early follows from it.
 */
record ImageHeader(Shape shape, Identity identity, long counter) {
  static final int BYTES = 256;
  private static final long MAGIC = 0x4665726d61746131L;
  private static final int VERSION = 1;
  private static final int CHECKSUM_AT = 12;
  private static final int MODEL_BYTES = 48;
  private static final int NAME_BYTES = 80;

  /** The header as it stands in the stream, ready to be read. */
  ByteBuffer encoded() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(0);
    bytes.putLong(shape.stateBytes()).putLong(shape.blockBytes()).putLong(counter);
    putText(bytes, shape.model(), MODEL_BYTES);
    putText(bytes, identity.guest(), NAME_BYTES);
    putText(bytes, identity.origin(), NAME_BYTES);
    bytes.clear();
    return bytes.putInt(CHECKSUM_AT, checksum(bytes));
  }

  /** What these 256 bytes say, or null if no device wrote them. */
  static @Nullable ImageHeader decoded(ByteBuffer bytes) {
    int sum = bytes.getInt(CHECKSUM_AT);
    bytes.putInt(CHECKSUM_AT, 0);
    if (checksum(bytes) != sum || bytes.getLong() != MAGIC || bytes.getInt() != VERSION) {
      return null;
    }
    bytes.getInt();
    long stateBytes = bytes.getLong();
    long blockBytes = bytes.getLong();
    long counter = bytes.getLong();
    Shape shape = new Shape(text(bytes, MODEL_BYTES), stateBytes, blockBytes);
    Identity identity = new Identity(text(bytes, NAME_BYTES), text(bytes, NAME_BYTES));
    return new ImageHeader(shape, identity, counter);
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate().clear());
    return (int) sum.getValue();
  }

  private static void putText(ByteBuffer bytes, String text, int room) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length >= room) {
      throw new IllegalArgumentException("longer than " + (room - 1) + " bytes: " + text);
    }
    int end = bytes.position() + room;
    bytes.put((byte) encoded.length).put(encoded).position(end);
  }

  private static String text(ByteBuffer bytes, int room) {
    int end = bytes.position() + room;
    byte[] encoded = new byte[bytes.get()];
    bytes.get(encoded).position(end);
    return new String(encoded, StandardCharsets.UTF_8);
  }
}
