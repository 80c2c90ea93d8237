package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fermata.device.DeviceState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The real C library, but for the ioctls of VFIO: this machine has no such device. Any open file
 * answers as a bound device that can migrate, whose state stands in a file; so it outlives this
 * process, as a device's state does while somebody holds it.
 */
final class DeviceOnPaper implements Libc {
  private static final int EINVAL = 22;

  private final Libc real = new NativeLibc();
  private final Path state;
  private volatile boolean bound = true;

  DeviceOnPaper(Path state) {
    this.state = state;
  }

  /** A device that the VMM has opened and not bound. */
  DeviceOnPaper unbound() {
    bound = false;
    return this;
  }

  boolean isBound() {
    return bound;
  }

  @Override
  public long open(String path, int flags) {
    return real.open(path, flags);
  }

  @Override
  public long ioctl(int descriptor, long request, MemorySegment argument) {
    if (request == Uapi.DEVICE_BIND_IOMMUFD) {
      bound = true;
      return 0;
    }
    return bound ? feature(argument) : -EINVAL;
  }

  private long feature(MemorySegment argument) {
    return switch (argument.get(JAVA_INT, 4)) {
      case Uapi.GET | Uapi.MIGRATION -> answer(argument, 7);
      case Uapi.GET | Uapi.MIG_DEVICE_STATE -> answer(argument, read() | 0xffffffffL << 32);
      case Uapi.SET | Uapi.MIG_DEVICE_STATE -> write(argument);
      default -> -25;
    };
  }

  private static long answer(MemorySegment argument, long value) {
    argument.set(JAVA_LONG, 8, value);
    return 0;
  }

  private int read() {
    try {
      return Files.exists(state)
          ? Integer.parseInt(Files.readString(state))
          : DeviceState.RUNNING.code();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long write(MemorySegment argument) {
    try {
      Files.writeString(state, Integer.toString(argument.get(JAVA_INT, 8)));
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long ioctl(int descriptor, long request, long argument) {
    return -25;
  }

  @Override
  public long read(int descriptor, MemorySegment into) {
    return real.read(descriptor, into);
  }

  @Override
  public long write(int descriptor, MemorySegment from) {
    return real.write(descriptor, from);
  }

  @Override
  public long close(int descriptor) {
    return real.close(descriptor);
  }
}
