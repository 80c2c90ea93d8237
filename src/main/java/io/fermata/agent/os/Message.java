package io.fermata.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * The layouts of {@code msghdr}, {@code iovec}, {@code cmsghdr} and {@code sockaddr_un} as Linux
 * has them on 64 bits, and nothing else: values in, bytes out, and back.
 */
final class Message {
  static final int TRUNCATED = 0x20;
  static final int CONTROL_TRUNCATED = 0x8;

  private static final int HEADER_BYTES = 56;
  private static final int FLAGS_AT = 48;
  private static final int CONTROL_HEADER_BYTES = 16;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final short AF_UNIX = 1;
  private static final int PATH_BYTES = 108;

  private Message() {}

  /** A message of these bytes, with these descriptors beside it. */
  static MemorySegment toSend(SegmentAllocator memory, byte[] bytes, int[] descriptors) {
    MemorySegment data = memory.allocate(Math.max(1, bytes.length));
    MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
    MemorySegment control = MemorySegment.NULL;
    if (descriptors.length > 0) {
      control = control(memory, descriptors.length);
      control.set(JAVA_LONG, 0, CONTROL_HEADER_BYTES + Integer.BYTES * (long) descriptors.length);
      control.set(JAVA_INT, 8, SOL_SOCKET);
      control.set(JAVA_INT, 12, SCM_RIGHTS);
      MemorySegment.copy(
          descriptors, 0, control, JAVA_INT, CONTROL_HEADER_BYTES, descriptors.length);
    }
    return header(memory, data, bytes.length, control);
  }

  /** Room for a message: its bytes go to one segment, what comes beside them to the other. */
  static MemorySegment room(SegmentAllocator memory, MemorySegment data, MemorySegment control) {
    return header(memory, data, data.byteSize(), control);
  }

  /** Room for so many descriptors. */
  static MemorySegment control(SegmentAllocator memory, int descriptors) {
    return memory.allocate(controlBytes(descriptors), Long.BYTES).fill((byte) 0);
  }

  private static long controlBytes(int descriptors) {
    long bytes = CONTROL_HEADER_BYTES + Integer.BYTES * (long) descriptors;
    return (bytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  private static MemorySegment header(
      SegmentAllocator memory, MemorySegment data, long length, MemorySegment control) {
    MemorySegment part = memory.allocate(16, Long.BYTES);
    part.set(ADDRESS, 0, data);
    part.set(JAVA_LONG, 8, length);
    MemorySegment header = memory.allocate(HEADER_BYTES, Long.BYTES).fill((byte) 0);
    header.set(ADDRESS, 16, part);
    header.set(JAVA_LONG, 24, 1);
    header.set(ADDRESS, 32, control);
    header.set(JAVA_LONG, 40, control.byteSize());
    return header;
  }

  /** Whether something was left out because there was no room. */
  static boolean isWhole(MemorySegment header) {
    return (header.get(JAVA_INT, FLAGS_AT) & (TRUNCATED | CONTROL_TRUNCATED)) == 0;
  }

  /** The descriptors that came with a message. */
  static int[] descriptors(MemorySegment header, MemorySegment control) {
    long length = header.get(JAVA_LONG, 40);
    boolean rights =
        length > CONTROL_HEADER_BYTES
            && control.get(JAVA_INT, 8) == SOL_SOCKET
            && control.get(JAVA_INT, 12) == SCM_RIGHTS;
    if (!rights) {
      return new int[0];
    }
    long bytes = Math.min(control.get(JAVA_LONG, 0), length) - CONTROL_HEADER_BYTES;
    return control
        .asSlice(CONTROL_HEADER_BYTES, bytes / Integer.BYTES * Integer.BYTES)
        .toArray(JAVA_INT);
  }

  /**
   * A socket's address; a name that begins with {@code @} is in the abstract space.
   *
   * @throws IllegalArgumentException if it is longer than Linux allows
   */
  static MemorySegment address(SegmentAllocator memory, String name) {
    byte[] path = name.getBytes(UTF_8);
    boolean hidden = name.startsWith("@");
    if (path.length == 0 || path.length >= PATH_BYTES) {
      throw new IllegalArgumentException(
          "a socket's path has 1 to " + (PATH_BYTES - 1) + " bytes: '" + name + "'");
    }
    // A path ends with a zero byte; an abstract name begins with one and ends with the address.
    MemorySegment address = memory.allocate(2 + path.length + (hidden ? 0 : 1), 2).fill((byte) 0);
    address.set(JAVA_SHORT, 0, AF_UNIX);
    MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
    if (hidden) {
      address.set(JAVA_BYTE, 2, (byte) 0);
    }
    return address;
  }
}
