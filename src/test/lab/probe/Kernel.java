import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls that the probe needs; a failed one answers {@code -errno}, as in the kernel. */
final class Kernel {

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  // open and ioctl are variadic: the calling convention depends on where the fixed part ends.
  private static final MethodHandle OPEN =
      call("open", Linker.Option.firstVariadicArg(2), JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle IOCTL =
      call("ioctl", Linker.Option.firstVariadicArg(2), JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle READ =
      call("read", null, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE =
      call("write", null, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle PWRITE =
      call("pwrite", null, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PREAD =
      call("pread", null, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CLOSE = call("close", null, JAVA_INT, JAVA_INT);

  private static final MethodHandle SYSCALL =
      call(
          "syscall",
          Linker.Option.firstVariadicArg(1),
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;

  private final MemorySegment captured;

  Kernel(Arena arena) {
    captured = arena.allocate(CAPTURED);
  }

  int open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          outcome(
              (int) OPEN.invokeExact(captured, arena.allocateFrom(path), O_RDWR | O_CLOEXEC, 0));
    } catch (Throwable failure) {
      throw new AssertionError("open", failure);
    }
  }

  /** A copy of what another process has open at that number. */
  int borrow(long pid, int number) {
    int process = (int) syscall(PIDFD_OPEN, pid, 0);
    if (process < 0) {
      return process;
    }
    int copy = (int) syscall(PIDFD_GETFD, process, number);
    close(process);
    return copy;
  }

  private long syscall(long call, long first, long second) {
    try {
      return outcome((long) SYSCALL.invokeExact(captured, call, first, second, 0L));
    } catch (Throwable failure) {
      throw new AssertionError("syscall " + call, failure);
    }
  }

  int ioctl(int descriptor, long request, MemorySegment argument) {
    try {
      return (int) outcome((int) IOCTL.invokeExact(captured, descriptor, request, argument));
    } catch (Throwable failure) {
      throw new AssertionError("ioctl", failure);
    }
  }

  long read(int descriptor, MemorySegment buffer) {
    try {
      return outcome((long) READ.invokeExact(captured, descriptor, buffer, buffer.byteSize()));
    } catch (Throwable failure) {
      throw new AssertionError("read", failure);
    }
  }

  long write(int descriptor, MemorySegment buffer) {
    try {
      return outcome((long) WRITE.invokeExact(captured, descriptor, buffer, buffer.byteSize()));
    } catch (Throwable failure) {
      throw new AssertionError("write", failure);
    }
  }

  long writeAt(int descriptor, MemorySegment buffer, long offset) {
    try {
      return outcome(
          (long) PWRITE.invokeExact(captured, descriptor, buffer, buffer.byteSize(), offset));
    } catch (Throwable failure) {
      throw new AssertionError("pwrite", failure);
    }
  }

  long readAt(int descriptor, MemorySegment buffer, long offset) {
    try {
      return outcome(
          (long) PREAD.invokeExact(captured, descriptor, buffer, buffer.byteSize(), offset));
    } catch (Throwable failure) {
      throw new AssertionError("pread", failure);
    }
  }

  int close(int descriptor) {
    try {
      return (int) outcome((int) CLOSE.invokeExact(captured, descriptor));
    } catch (Throwable failure) {
      throw new AssertionError("close", failure);
    }
  }

  private long outcome(long result) {
    return result >= 0 ? result : -(int) ERRNO.get(captured, 0L);
  }

  private static MethodHandle call(
      String name, Linker.Option variadic, ValueLayout result, ValueLayout... arguments) {
    MemorySegment symbol = LINKER.defaultLookup().find(name).orElseThrow();
    FunctionDescriptor shape = FunctionDescriptor.of(result, arguments);
    Linker.Option errno = Linker.Option.captureCallState("errno");
    return variadic == null
        ? LINKER.downcallHandle(symbol, shape, errno)
        : LINKER.downcallHandle(symbol, shape, errno, variadic);
  }
}
