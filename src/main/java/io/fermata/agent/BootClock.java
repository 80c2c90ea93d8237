package io.fermata.agent;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.util.Optional;

/**
 * Linux's CLOCK_BOOTTIME, which goes on while the host is suspended: a lease that slept through a
 * night is over.
 */
public final class BootClock implements AgentPorts.Clock {
  private static final System.Logger LOG = System.getLogger(BootClock.class.getName());
  private static final int CLOCK_BOOTTIME = 7;
  private static final long NANOS = 1_000_000_000L;

  private final GetTime getTime;

  /**
   * {@code int clock_gettime(clockid_t, struct timespec *)}. Public, or no method handle fits it.
   */
  public interface GetTime {
    int call(int clock, MemorySegment timespec);
  }

  private BootClock(GetTime getTime) {
    this.getTime = getTime;
  }

  /** The host's BOOTTIME, or the virtual machine's own clock where there is none. */
  public static AgentPorts.Clock ofThisHost() {
    Optional<MemorySegment> symbol = Linker.nativeLinker().defaultLookup().find("clock_gettime");
    if (symbol.isPresent()) {
      BootClock clock = new BootClock(link(symbol.get()));
      if (clock.getTime.call(CLOCK_BOOTTIME, timespec(new long[2])) == 0) {
        return clock;
      }
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "no CLOCK_BOOTTIME here: leases stand still while this host is suspended");
    return System::nanoTime;
  }

  @SuppressWarnings("restricted")
  private static GetTime link(MemorySegment symbol) {
    // Critical, so that the memory of a Java array can be passed: the call never blocks.
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                symbol,
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                Linker.Option.critical(true));
    return MethodHandleProxies.asInterfaceInstance(GetTime.class, handle);
  }

  private static MemorySegment timespec(long[] secondsAndNanos) {
    return MemorySegment.ofArray(secondsAndNanos);
  }

  @Override
  public long nanos() {
    long[] time = new long[2];
    if (getTime.call(CLOCK_BOOTTIME, timespec(time)) != 0) {
      throw new IllegalStateException("CLOCK_BOOTTIME was there and is gone");
    }
    return time[0] * NANOS + time[1];
  }
}
