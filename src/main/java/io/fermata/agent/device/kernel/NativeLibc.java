package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.util.function.LongSupplier;

/**
 * The C library of the machine. None of the calls is marked critical: they may block for seconds,
 * and a critical call would hold up every garbage collection meanwhile.
 */
final class NativeLibc implements Libc {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO_AT = STATE.byteOffset(PathElement.groupElement("errno"));

  /** Where a call leaves its errno: one piece of memory for each thread, freed with the thread. */
  private static final ThreadLocal<MemorySegment> ERRNO =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private final OpenCall open;
  private final PointerCall ioctlPointer;
  private final NumberCall ioctlNumber;
  private final BytesCall read;
  private final BytesCall write;
  private final CloseCall close;

  /** Links the calls. Touches no device. */
  NativeLibc() {
    Linker.Option variadic = Linker.Option.firstVariadicArg(2);
    open =
        call(
            OpenCall.class,
            link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), variadic));
    ioctlPointer =
        call(
            PointerCall.class,
            link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), variadic));
    ioctlNumber =
        call(
            NumberCall.class,
            link(
                "ioctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
                variadic));
    FunctionDescriptor bytes = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    read = call(BytesCall.class, link("read", bytes));
    write = call(BytesCall.class, link("write", bytes));
    close = call(CloseCall.class, link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)));
  }

  @Override
  public long open(String path, int flags) {
    MemorySegment errno = ERRNO.get();
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment name = memory.allocateFrom(path);
      return unlessInterrupted(() -> outcome(open.call(errno, name, flags, 0), errno));
    }
  }

  @Override
  public long ioctl(int descriptor, long request, MemorySegment argument) {
    MemorySegment errno = ERRNO.get();
    return outcome(ioctlPointer.call(errno, descriptor, request, argument), errno);
  }

  @Override
  public long ioctl(int descriptor, long request, long argument) {
    MemorySegment errno = ERRNO.get();
    return outcome(ioctlNumber.call(errno, descriptor, request, argument), errno);
  }

  @Override
  public long read(int descriptor, MemorySegment into) {
    MemorySegment errno = ERRNO.get();
    return unlessInterrupted(
        () -> outcome(read.call(errno, descriptor, into, into.byteSize()), errno));
  }

  @Override
  public long write(int descriptor, MemorySegment from) {
    MemorySegment errno = ERRNO.get();
    return unlessInterrupted(
        () -> outcome(write.call(errno, descriptor, from, from.byteSize()), errno));
  }

  @Override
  public long close(int descriptor) {
    MemorySegment errno = ERRNO.get();
    return outcome(close.call(errno, descriptor), errno);
  }

  private static long unlessInterrupted(LongSupplier attempt) {
    long outcome = attempt.getAsLong();
    while (outcome == -EINTR) {
      outcome = attempt.getAsLong();
    }
    return outcome;
  }

  private static long outcome(long result, MemorySegment errno) {
    return result >= 0 ? result : -errno.get(JAVA_INT, ERRNO_AT);
  }

  // "restricted": a wrong shape would crash the process. The shapes are the seven of the
  // constructor; NativeLibcTest calls each.
  @SuppressWarnings("restricted")
  private static MethodHandle link(
      String symbol, FunctionDescriptor shape, Linker.Option... special) {
    Linker linker = Linker.nativeLinker();
    Linker.Option[] options = new Linker.Option[special.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(special, 0, options, 1, special.length);
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(symbol), shape, options);
  }

  private static <T> T call(Class<T> shape, MethodHandle handle) {
    return MethodHandleProxies.asInterfaceInstance(shape, handle);
  }

  // The shapes of the calls. A method handle bound to an interface needs no catch of Throwable at
  // each call; the interfaces must be public for that.

  /** open(2); the mode is ignored, as nothing is created. */
  public interface OpenCall {
    int call(MemorySegment errno, MemorySegment path, int flags, int mode);
  }

  /** ioctl(2) with a pointer. */
  public interface PointerCall {
    int call(MemorySegment errno, int descriptor, long request, MemorySegment argument);
  }

  /** ioctl(2) with a number. */
  public interface NumberCall {
    int call(MemorySegment errno, int descriptor, long request, long argument);
  }

  /** read(2) and write(2). */
  public interface BytesCall {
    long call(MemorySegment errno, int descriptor, MemorySegment bytes, long count);
  }

  /** close(2). */
  public interface CloseCall {
    int call(MemorySegment errno, int descriptor);
  }
}
