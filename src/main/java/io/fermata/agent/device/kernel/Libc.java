package io.fermata.agent.device.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The few calls into the kernel that a VFIO device takes. Each answers as the kernel itself does:
 * the result, or the errno with a minus sign; nothing is thrown and nothing allocated for it.
 *
 * <p>A second implementation stands in for the kernel in tests.
 */
interface Libc {
  /** For reading and writing (uapi/asm-generic/fcntl.h). */
  int O_RDWR = 2;

  /** Not inherited by programs that are started from here (uapi/asm-generic/fcntl.h). */
  int O_CLOEXEC = 0x80000;

  int ENOENT = 2;
  int EINTR = 4;
  int EBADF = 9;

  /** Opens a file; asked again when a signal came in between. */
  long open(String path, int flags);

  /**
   * One ioctl with a pointer. Never repeated here: only the caller knows whether the request can
   * bear it.
   */
  long ioctl(int descriptor, long request, MemorySegment argument);

  /** One ioctl with a number, or with nothing (0). Never repeated here. */
  long ioctl(int descriptor, long request, long argument);

  /** Reads at most what the segment holds; asked again when a signal came before any byte. */
  long read(int descriptor, MemorySegment into);

  /** Writes at most the segment, perhaps less; asked again when a signal came before any byte. */
  long write(int descriptor, MemorySegment from);

  /**
   * Closes. Never repeated: Linux has let go of the number even when it answers EINTR, and a second
   * call could close a file of somebody else.
   */
  long close(int descriptor);
}
