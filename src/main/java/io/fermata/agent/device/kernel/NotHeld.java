package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import org.jspecify.annotations.Nullable;

/** A descriptor that cannot be had, given or let go: why, as a code and in words. */
public final class NotHeld extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** Why. */
  public enum Code {
    /** The settings name no such device. */
    UNKNOWN_DEVICE,
    /** The agent has no descriptor of it. */
    NOT_HELD,
    /** A migration holds it. */
    CLAIMED,
    /** There is no such process. */
    NO_SUCH_PROCESS,
    /** The kernel does not let the agent do that. */
    NOT_PERMITTED,
    /** That process has no descriptor of it. */
    NOT_THERE,
    /** The descriptor is one of another device, or of something else. */
    OTHER_DEVICE,
    /** The kernel does not say which device the descriptor is one of. */
    UNTOLD,
    /** The agent did not get to it; ask again. */
    BUSY,
    /** The driver or the kernel refused. */
    REFUSED_BY_DEVICE
  }

  public NotHeld(Code code, DeviceName device, String detail) {
    this(code, device + ": " + detail, null);
  }

  private NotHeld(Code code, String whole, @Nullable Throwable cause) {
    super(whole, cause);
    this.code = code;
  }

  /** Because a call on the device failed. */
  static NotHeld because(DeviceFault fault) {
    int errno = fault.errno().number();
    boolean shut = errno == Errno.EACCES.number() || errno == Errno.EPERM.number();
    return shut
        ? new NotHeld(
            Code.NOT_PERMITTED,
            fault.getMessage()
                + "; the agent's user may not, see systemd/60-fermata-vfio.rules; or have the VMM"
                + " open it and send the descriptor (hold: receive)",
            fault)
        : new NotHeld(Code.REFUSED_BY_DEVICE, String.valueOf(fault.getMessage()), fault);
  }

  public Code code() {
    return code;
  }
}
