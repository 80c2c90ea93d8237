package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/** A device's open file: each ioctl as a method. It keeps nothing of what the kernel answers. */
final class DeviceFile {
  private final DeviceName name;
  private final Libc libc;
  private final Descriptor descriptor;

  private DeviceFile(DeviceName name, Libc libc, Descriptor descriptor) {
    this.name = name;
    this.libc = libc;
    this.descriptor = descriptor;
  }

  /** Opens {@code /dev/vfio/devices/vfioN}. Until {@link #bind} the kernel refuses all else. */
  static DeviceFile open(DeviceName name, Libc libc, String path) {
    long number = libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (number < 0) {
      throw new DeviceFault(name, new Errno((int) -number), "opening " + path);
    }
    Errno closed = new Errno(Libc.EBADF);
    return new DeviceFile(name, libc, new Descriptor(libc, (int) number, closed));
  }

  /** Takes over an open file that somebody else has opened. */
  static DeviceFile over(DeviceName name, Libc libc, int number) {
    return new DeviceFile(name, libc, new Descriptor(libc, number, new Errno(Libc.EBADF)));
  }

  /** Whether it is bound: until then the kernel answers EINVAL to everything else. */
  boolean isBound() {
    try (Arena memory = Arena.ofConfined()) {
      return repeatable(Uapi.currentState(memory)) != -Errno.EINVAL.number();
    }
  }

  DeviceName name() {
    return name;
  }

  /** Runs a call that needs the number itself. */
  long lend(Descriptor.Call call) {
    return descriptor.call(call);
  }

  /** Makes this process the device's owner, once for each open file. */
  void bind(Descriptor iommu) {
    try (Arena memory = Arena.ofConfined()) {
      long answer =
          iommu.call(number -> ioctl(Uapi.DEVICE_BIND_IOMMUFD, Uapi.bind(memory, number)));
      check(answer, "binding to " + KernelHost.IOMMU + " (EINVAL: another program holds it)");
    }
  }

  /** What the driver offers. ENOTTY from a device that cannot migrate. */
  Capabilities capabilities() {
    try (Arena memory = Arena.ofConfined()) {
      long flags = ask(Uapi.longOf(memory, Uapi.MIGRATION), "asking whether it can migrate");
      Set<Capability> offered = new HashSet<>(Capabilities.ofFlags(flags).offered());
      if (ioctl(Uapi.DEVICE_FEATURE, Uapi.probeOfDmaLogging(memory)) >= 0) {
        offered.add(Capability.DMA_LOGGING);
      }
      return new Capabilities(offered);
    }
  }

  /** Whether the kernel took the opt-in, so that the flags of pre-copy information are valid. */
  boolean optIntoPrecopyFlags() {
    try (Arena memory = Arena.ofConfined()) {
      return ioctl(Uapi.DEVICE_FEATURE, Uapi.optIntoPrecopyFlags(memory)) >= 0;
    }
  }

  DeviceState state() {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment argument = Uapi.currentState(memory);
      check(repeatable(argument), "reading its state");
      return Uapi.stateIn(argument);
    }
  }

  /**
   * What the kernel answered to a SET.
   *
   * @param result 0, or the errno with a minus sign
   * @param session a descriptor that is now ours, whatever the result; or -1
   */
  record Moved(long result, int session) {}

  /** SET. Asked once, also when a signal came in between: it may have gone half the way. */
  Moved move(DeviceState to) {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment argument = Uapi.requestedState(memory, to);
      long result = ioctl(Uapi.DEVICE_FEATURE, argument);
      return new Moved(result, Uapi.sessionIn(argument));
    }
  }

  long dataSize() {
    try (Arena memory = Arena.ofConfined()) {
      return ask(Uapi.longOf(memory, Uapi.MIG_DATA_SIZE), "asking for the size of its state");
    }
  }

  void reset() {
    check(descriptor.call(number -> libc.ioctl(number, Uapi.DEVICE_RESET, 0)), "resetting");
  }

  void end() {
    descriptor.end();
  }

  boolean hasEnded() {
    return descriptor.hasEnded();
  }

  DeviceFault fault(long answer, String attempted) {
    return new DeviceFault(name, new Errno((int) -answer), attempted);
  }

  private void check(long answer, String attempted) {
    if (answer < 0) {
      throw fault(answer, attempted);
    }
  }

  private long ask(MemorySegment argument, String attempted) {
    check(repeatable(argument), attempted);
    return Uapi.longIn(argument);
  }

  /** A GET, asked again when a signal came in between: it changes nothing. */
  private long repeatable(MemorySegment argument) {
    long answer = ioctl(Uapi.DEVICE_FEATURE, argument);
    while (answer == -Libc.EINTR) {
      answer = ioctl(Uapi.DEVICE_FEATURE, argument);
    }
    return answer;
  }

  private long ioctl(long request, MemorySegment argument) {
    return descriptor.call(number -> libc.ioctl(number, request, argument));
  }
}
