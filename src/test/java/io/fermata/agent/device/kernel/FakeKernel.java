package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fermata.device.Arcs;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stands in for the kernel: device files, the arc table walked arc by arc, sessions as descriptors.
 * Like the real one it gives out the lowest free number, so that a descriptor used after its end
 * hits a stranger. Reads the arguments by raw offsets, on purpose not through {@link Uapi}.
 */
final class FakeKernel implements Libc {
  private static final int EIO = 5;
  private static final int ENODEV = 19;
  private static final int EINVAL = 22;
  private static final int EMFILE = 24;
  private static final int ENOTTY = 25;
  private static final int ENOMSG = 42;
  private static final Set<DeviceState> PRECOPYING =
      Set.of(DeviceState.PRE_COPY, DeviceState.PRE_COPY_P2P);

  /** One device file; what a test wants to go wrong is set in its fields. */
  static final class Device {
    final int flags;
    DeviceState state = DeviceState.RUNNING;
    byte[] image = {1, 2, 3, 4, 5, 6, 7, 8};
    int precopyBytes = 3;
    boolean drainedIsEnomsg;
    boolean knowsPrecopyFlags;
    boolean reinit;
    boolean outOfDescriptors;
    int interruptions;
    int mostPerWrite = Integer.MAX_VALUE;

    /** Entering this state fails with EIO: the device stays where it was on the way. */
    DeviceState failsInto = DeviceState.UNKNOWN;

    private Session session;
    private boolean bound;
    private boolean optedIn;

    Device(int flags) {
      this.flags = flags;
    }

    byte[] loaded() {
      return session.loaded.toByteArray();
    }

    /** A reset that this process did not ask for, as after a bus error. */
    void resetFromOutside() {
      endSession();
      state = DeviceState.RUNNING;
    }

    private void endSession() {
      if (session != null) {
        session.dead = true;
      }
      session = null;
    }
  }

  /** One open file of a device; the one that was bound is the owner's. */
  private static final class DeviceHandle {
    private final Device device;
    private boolean owner;

    DeviceHandle(Device device) {
      this.device = device;
    }
  }

  private static final class Session {
    private final Device device;
    private final ByteArrayOutputStream loaded = new ByteArrayOutputStream();
    private int at;
    private boolean dead;

    Session(Device device) {
      this.device = device;
    }
  }

  /** Descriptor numbers and what is open there: a device, a session, or a path. */
  final Map<Integer, Object> open = new TreeMap<>();

  /** What reached the kernel on a number that was not open. */
  final List<String> onClosedNumbers = new ArrayList<>();

  /** Answers of open(2) that a test wants for a path. */
  final Map<String, Integer> refused = new HashMap<>();

  final Map<String, Device> devices = new HashMap<>();
  final Deque<Runnable> duringNextRead = new ArrayDeque<>();

  /** Runs when the kernel has answered a GET, a SET or a reset, before the caller knows. */
  final Deque<Runnable> afterNextAnswer = new ArrayDeque<>();

  int moves;

  Device device(String path, int flags) {
    Device device = new Device(flags);
    devices.put(path, device);
    return device;
  }

  @Override
  public synchronized long open(String path, int flags) {
    if (refused.containsKey(path)) {
      return -refused.get(path);
    }
    if (flags != (O_RDWR | O_CLOEXEC)) {
      return -EINVAL;
    }
    if (path.equals("/dev/iommu")) {
      return give(path);
    }
    Device device = devices.get(path);
    return device == null ? -ENOENT : give(new DeviceHandle(device));
  }

  private int give(Object target) {
    int number = 3;
    while (open.containsKey(number)) {
      number++;
    }
    open.put(number, target);
    return number;
  }

  @Override
  public synchronized long ioctl(int descriptor, long request, MemorySegment argument) {
    Object target = at(descriptor, "ioctl " + Long.toHexString(request));
    if (target instanceof DeviceHandle handle && request == 0x3b76) {
      return bind(handle, argument);
    }
    if (target instanceof DeviceHandle handle && request == 0x3b75) {
      return handle.owner ? answered(feature(handle.device, argument)) : -EINVAL;
    }
    if (target instanceof Session session && request == 0x3b79) {
      return precopy(session, argument);
    }
    return target == null ? -EBADF : -ENOTTY;
  }

  @Override
  public synchronized long ioctl(int descriptor, long request, long argument) {
    Object target = at(descriptor, "ioctl " + Long.toHexString(request));
    if (target instanceof DeviceHandle handle && request == 0x3b6f) {
      handle.device.resetFromOutside();
      return answered(0);
    }
    return target == null ? -EBADF : -ENOTTY;
  }

  private long answered(long answer) {
    Runnable meanwhile = afterNextAnswer.poll();
    if (meanwhile != null) {
      meanwhile.run();
    }
    return answer;
  }

  private long bind(DeviceHandle handle, MemorySegment argument) {
    Object iommu = open.get(argument.get(JAVA_INT, 8));
    boolean right = argument.get(JAVA_INT, 0) == 16 && argument.get(JAVA_INT, 4) == 0;
    if (handle.device.bound || !right || !"/dev/iommu".equals(iommu)) {
      return -EINVAL;
    }
    handle.device.bound = true;
    handle.owner = true;
    return 0;
  }

  private long feature(Device device, MemorySegment argument) {
    if (argument.get(JAVA_INT, 0) != argument.byteSize()) {
      return -EINVAL;
    }
    if (device.interruptions > 0) {
      device.interruptions--;
      return -EINTR;
    }
    return switch (argument.get(JAVA_INT, 4)) {
      case 0x10001 -> device.flags == 0 ? -ENOTTY : answer(argument, device.flags);
      case 0x10002 -> answer(argument, device.state.code() | 0xffffffffL << 32);
      case 0x20002 -> move(device, argument);
      case 0x60006 -> 0;
      case 0x10009 -> answer(argument, device.image.length);
      case 0x2000c -> optIn(device);
      default -> -ENOTTY;
    };
  }

  private static long answer(MemorySegment argument, long value) {
    argument.set(JAVA_LONG, 8, value);
    return 0;
  }

  private static long optIn(Device device) {
    device.optedIn = device.knowsPrecopyFlags;
    return device.knowsPrecopyFlags ? 0 : -ENOTTY;
  }

  private long move(Device device, MemorySegment argument) {
    moves++;
    DeviceState to = DeviceState.ofCode(argument.get(JAVA_INT, 8));
    Capabilities offered = Capabilities.ofFlags(device.flags);
    Session before = device.session;
    long result = Arcs.legal(device.state, to, offered) ? 0 : -EINVAL;
    if (result == 0) {
      for (DeviceState next : Arcs.path(device.state, to, offered)) {
        if (next == device.failsInto) {
          result = -EIO;
          break;
        }
        arc(device, next);
      }
    }
    Session opened = device.session == before ? null : device.session;
    if (opened != null && device.outOfDescriptors) {
      device.endSession();
      return -EMFILE; // and data_fd is not written
    }
    argument.set(JAVA_INT, 12, opened == null ? -1 : give(opened));
    return result;
  }

  private static void arc(Device device, DeviceState next) {
    boolean carries =
        PRECOPYING.contains(next) || next == DeviceState.STOP_COPY || next == DeviceState.RESUMING;
    if (!carries) {
      device.endSession();
    } else if (device.session == null) {
      device.session = new Session(device);
    }
    device.state = next;
  }

  private long precopy(Session session, MemorySegment argument) {
    if (session.dead) {
      return -ENODEV;
    }
    if (!PRECOPYING.contains(session.device.state) || argument.get(JAVA_INT, 0) != 24) {
      return -EINVAL;
    }
    // A driver that does not know the flags leaves them; this one leaves dirt, to see who looks.
    boolean set = session.device.optedIn ? session.device.reinit : true;
    argument.set(JAVA_INT, 4, set ? 1 : 0);
    argument.set(JAVA_LONG, 8, Math.max(0, session.device.precopyBytes - session.at));
    argument.set(JAVA_LONG, 16, 0);
    return 0;
  }

  @Override
  public long read(int descriptor, MemorySegment into) {
    Runnable meanwhile = duringNextRead.poll();
    if (meanwhile != null) {
      meanwhile.run();
    }
    synchronized (this) {
      if (!(at(descriptor, "read") instanceof Session session)) {
        return -EBADF;
      }
      return session.dead ? -ENODEV : read(session, into);
    }
  }

  private static long read(Session session, MemorySegment into) {
    Device device = session.device;
    boolean precopying = PRECOPYING.contains(device.state);
    int end = precopying ? device.precopyBytes : device.image.length;
    int count = (int) Math.min(end - session.at, into.byteSize());
    if (count == 0 && precopying && device.drainedIsEnomsg) {
      return -ENOMSG;
    }
    MemorySegment.copy(device.image, session.at, into, JAVA_BYTE, 0, count);
    session.at += count;
    return count;
  }

  @Override
  public synchronized long write(int descriptor, MemorySegment from) {
    if (!(at(descriptor, "write") instanceof Session session)) {
      return -EBADF;
    }
    if (session.dead) {
      return -ENODEV;
    }
    int count = (int) Math.min(from.byteSize(), session.device.mostPerWrite);
    ByteBuffer taken = from.asSlice(0, count).asByteBuffer();
    while (taken.hasRemaining()) {
      session.loaded.write(taken.get());
    }
    return count;
  }

  @Override
  public synchronized long close(int descriptor) {
    Object was = at(descriptor, "close");
    open.remove(descriptor);
    if (was instanceof DeviceHandle handle && handle.owner) {
      handle.device.resetFromOutside();
      handle.device.bound = false;
    }
    return was == null ? -EBADF : 0;
  }

  private Object at(int descriptor, String call) {
    Object target = open.get(descriptor);
    if (target == null) {
      onClosedNumbers.add(call + " on " + descriptor);
    }
    return target;
  }

  /** How many sessions are open. */
  synchronized long sessions() {
    return open.values().stream().filter(Session.class::isInstance).count();
  }
}
