package io.fermata.agent.device.emulated;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What stands before each block of an image, and, with {@link #END} for a block, behind the last:
 * there the version is the state counter at which the device was frozen. A later block of the same
 * number overrides an earlier one.
 */
record BlockHead(int block, long version) {
  static final int BYTES = 24;
  static final int END = -1;
  private static final int MARK = 0x424c4b31;

  ByteBuffer encoded() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putInt(MARK).putInt(block).putLong(version);
    return bytes.putLong(checksum(bytes)).flip();
  }

  /** What these bytes say, or null if no device wrote them. */
  static @Nullable BlockHead decoded(ByteBuffer bytes) {
    int mark = bytes.getInt();
    BlockHead head = new BlockHead(bytes.getInt(), bytes.getLong());
    return mark == MARK && bytes.getLong() == checksum(bytes) ? head : null;
  }

  private static long checksum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate().clear().limit(BYTES - Long.BYTES));
    return sum.getValue();
  }
}
