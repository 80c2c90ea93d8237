package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * One saving or resuming session: the {@code data_fd} that a SET returned. When it has ended, calls
 * are answered ENODEV, as the kernel answers for a session that a reset disabled.
 */
final class DataSession {
  private final DeviceName name;
  private final Libc libc;
  private final Descriptor descriptor;

  /** Takes over the descriptor. */
  DataSession(DeviceName name, Libc libc, int number) {
    this.name = name;
    this.libc = libc;
    this.descriptor = new Descriptor(libc, number, Errno.ENODEV);
  }

  /** Bytes read into the buffer; 0 when there is nothing now, which drivers say in two ways. */
  int read(ByteBuffer into) {
    // The kernel answers 0 when it is asked for 0 bytes, and 0 means the end of the image.
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("no room to read into");
    }
    MemorySegment room = segment(into);
    long answer = descriptor.call(number -> libc.read(number, room));
    if (answer == -Errno.ENOMSG.number()) {
      return 0;
    }
    int bytes = checked(answer, "reading its state image");
    into.position(into.position() + bytes);
    return bytes;
  }

  /** Writes all of the buffer. After a fault its position tells what the driver took. */
  void write(ByteBuffer from) {
    while (from.hasRemaining()) {
      MemorySegment rest = segment(from);
      int bytes =
          checked(descriptor.call(number -> libc.write(number, rest)), "writing its state image");
      if (bytes == 0) {
        throw new DeviceFault(name, Errno.EIO, "writing its state image: nothing was taken");
      }
      from.position(from.position() + bytes);
    }
  }

  PrecopyInfo precopy(boolean flagsValid) {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment argument = Uapi.precopyInfo(memory);
      long answer =
          descriptor.call(number -> libc.ioctl(number, Uapi.MIG_GET_PRECOPY_INFO, argument));
      checked(answer, "asking what pre-copy has left");
      return Uapi.precopyInfoIn(argument, flagsValid);
    }
  }

  void end() {
    descriptor.end();
  }

  private int checked(long answer, String attempted) {
    if (answer < 0) {
      throw new DeviceFault(name, new Errno((int) -answer), attempted);
    }
    return (int) answer;
  }

  private static MemorySegment segment(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("the kernel reads and writes direct buffers only");
    }
    return MemorySegment.ofBuffer(buffer);
  }
}
