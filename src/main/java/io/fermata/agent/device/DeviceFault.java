package io.fermata.agent.device;

import io.fermata.device.DeviceName;

/** A call on a device that failed: what was tried, on which device, and the kernel's errno. */
public final class DeviceFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient DeviceName device;
  private final transient Errno errno;

  public DeviceFault(DeviceName device, Errno errno, String attempted) {
    super(device + ": " + attempted + ": " + errno);
    this.device = device;
    this.errno = errno;
  }

  public DeviceName device() {
    return device;
  }

  public Errno errno() {
    return errno;
  }
}
