package io.fermata.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;

/** Asks the kernel whether two descriptors, of whatever processes, are one open file: kcmp(2). */
public final class SameFile {
  private static final long SYS_KCMP = System.getProperty("os.arch").equals("amd64") ? 312 : 272;
  private static final KcmpCall KCMP = link();

  private SameFile() {}

  /** The shape of the call. */
  public interface KcmpCall {
    long call(long number, long pid, long otherPid, long type, long descriptor, long other);
  }

  /** Whether both are the same open file. */
  public static boolean is(long pid, int descriptor, long otherPid, int other) {
    long answer = KCMP.call(SYS_KCMP, pid, otherPid, 0 /* KCMP_FILE */, descriptor, other);
    if (answer < 0) {
      throw new AssertionError("kcmp failed: may this process look into the other, is it there?");
    }
    return answer == 0;
  }

  @SuppressWarnings("restricted")
  private static KcmpCall link() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor shape =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    MethodHandle handle =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"),
            shape,
            Linker.Option.firstVariadicArg(1));
    return MethodHandleProxies.asInterfaceInstance(KcmpCall.class, handle);
  }
}
