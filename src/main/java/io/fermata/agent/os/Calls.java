package io.fermata.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.util.Arrays;

/**
 * The C library's calls of this room. Each answers as the kernel does: the result, or the errno
 * with a minus sign. None is repeated here.
 */
final class Calls {
  static final int EINTR = 4;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO_AT = STATE.byteOffset(PathElement.groupElement("errno"));

  /** The same on every architecture (they are younger than the common table). */
  private static final long SYS_PIDFD_OPEN = 434;

  private static final long SYS_PIDFD_GETFD = 438;

  /** Where a call leaves its errno: one piece of memory for each thread, freed with the thread. */
  private static final ThreadLocal<MemorySegment> ERRNO =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final NumbersCall SOCKET = call(NumbersCall.class, "socket", 0, numbers(3));
  private static final NumbersCall FCNTL = call(NumbersCall.class, "fcntl", 2, numbers(3));
  private static final PairCall LISTEN = call(PairCall.class, "listen", 0, numbers(2));
  private static final PairCall SHUTDOWN = call(PairCall.class, "shutdown", 0, numbers(2));
  private static final OneCall CLOSE = call(OneCall.class, "close", 0, numbers(1));
  private static final AddressCall BIND = call(AddressCall.class, "bind", 0, addressed());
  private static final AddressCall CONNECT = call(AddressCall.class, "connect", 0, addressed());
  private static final AcceptCall ACCEPT =
      call(
          AcceptCall.class,
          "accept4",
          0,
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MessageCall SEND = call(MessageCall.class, "sendmsg", 0, message());
  private static final MessageCall RECEIVE = call(MessageCall.class, "recvmsg", 0, message());
  private static final OptionCall GET_OPTION =
      call(
          OptionCall.class,
          "getsockopt",
          0,
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final SetOptionCall SET_OPTION =
      call(
          SetOptionCall.class,
          "setsockopt",
          0,
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final SystemCall SYSTEM =
      call(
          SystemCall.class,
          "syscall",
          1,
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private Calls() {}

  static int socket(int domain, int type) {
    return (int) outcome(SOCKET.call(ERRNO.get(), domain, type, 0));
  }

  static int setFlags(int descriptor, int flags) {
    return (int) outcome(FCNTL.call(ERRNO.get(), descriptor, 2 /* F_SETFD */, flags));
  }

  static int listen(int socket, int backlog) {
    return (int) outcome(LISTEN.call(ERRNO.get(), socket, backlog));
  }

  static int shutdown(int socket) {
    return (int) outcome(SHUTDOWN.call(ERRNO.get(), socket, 2 /* SHUT_RDWR */));
  }

  static int close(int descriptor) {
    return (int) outcome(CLOSE.call(ERRNO.get(), descriptor));
  }

  static int bind(int socket, MemorySegment address) {
    return (int) outcome(BIND.call(ERRNO.get(), socket, address, (int) address.byteSize()));
  }

  static int connect(int socket, MemorySegment address) {
    return (int) outcome(CONNECT.call(ERRNO.get(), socket, address, (int) address.byteSize()));
  }

  static int accept(int socket, int flags) {
    return (int)
        outcome(ACCEPT.call(ERRNO.get(), socket, MemorySegment.NULL, MemorySegment.NULL, flags));
  }

  static long send(int socket, MemorySegment message, int flags) {
    return outcome(SEND.call(ERRNO.get(), socket, message, flags));
  }

  static long receive(int socket, MemorySegment message, int flags) {
    return outcome(RECEIVE.call(ERRNO.get(), socket, message, flags));
  }

  static int option(int socket, int option, MemorySegment value, MemorySegment size) {
    return (int)
        outcome(GET_OPTION.call(ERRNO.get(), socket, 1 /* SOL_SOCKET */, option, value, size));
  }

  static int setOption(int socket, int option, MemorySegment value) {
    int size = (int) value.byteSize();
    return (int)
        outcome(SET_OPTION.call(ERRNO.get(), socket, 1 /* SOL_SOCKET */, option, value, size));
  }

  static long pidfdOpen(int pid) {
    return outcome(SYSTEM.call(ERRNO.get(), SYS_PIDFD_OPEN, pid, 0, 0));
  }

  static long pidfdGetfd(int pidfd, int descriptor) {
    return outcome(SYSTEM.call(ERRNO.get(), SYS_PIDFD_GETFD, pidfd, descriptor, 0));
  }

  private static long outcome(long result) {
    return result >= 0 ? result : -ERRNO.get().get(JAVA_INT, ERRNO_AT);
  }

  private static FunctionDescriptor numbers(int count) {
    MemoryLayout[] arguments = new MemoryLayout[count];
    Arrays.fill(arguments, JAVA_INT);
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  private static FunctionDescriptor addressed() {
    return FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  }

  private static FunctionDescriptor message() {
    return FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  }

  // "restricted": a wrong shape would crash the process. The tests of this room call each.
  @SuppressWarnings("restricted")
  private static <T> T call(
      Class<T> shape, String symbol, int variadicFrom, FunctionDescriptor function) {
    Linker linker = Linker.nativeLinker();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    Linker.Option[] options =
        variadicFrom == 0
            ? new Linker.Option[] {errno}
            : new Linker.Option[] {errno, Linker.Option.firstVariadicArg(variadicFrom)};
    MethodHandle handle =
        linker.downcallHandle(linker.defaultLookup().findOrThrow(symbol), function, options);
    return MethodHandleProxies.asInterfaceInstance(shape, handle);
  }

  // The shapes of the calls; public, as a method handle bound to an interface demands.

  /** socket(2), fcntl(2). */
  public interface NumbersCall {
    int call(MemorySegment errno, int first, int second, int third);
  }

  /** listen(2), shutdown(2). */
  public interface PairCall {
    int call(MemorySegment errno, int first, int second);
  }

  /** close(2). */
  public interface OneCall {
    int call(MemorySegment errno, int descriptor);
  }

  /** bind(2), connect(2). */
  public interface AddressCall {
    int call(MemorySegment errno, int socket, MemorySegment address, int size);
  }

  /** accept4(2). */
  public interface AcceptCall {
    int call(MemorySegment errno, int socket, MemorySegment from, MemorySegment size, int flags);
  }

  /** sendmsg(2), recvmsg(2). */
  public interface MessageCall {
    long call(MemorySegment errno, int socket, MemorySegment message, int flags);
  }

  /** getsockopt(2). */
  public interface OptionCall {
    int call(
        MemorySegment errno,
        int socket,
        int level,
        int option,
        MemorySegment value,
        MemorySegment size);
  }

  /** setsockopt(2). */
  public interface SetOptionCall {
    int call(MemorySegment errno, int socket, int level, int option, MemorySegment value, int size);
  }

  /** syscall(2). */
  public interface SystemCall {
    long call(MemorySegment errno, long number, long first, long second, long third);
  }
}
