package io.fermata.agent.os;

import io.fermata.agent.device.Errno;

/** A call to the operating system that failed: what was tried, and the kernel's errno. */
public final class OsFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Errno errno;

  OsFault(Errno errno, String attempted) {
    super(attempted + ": " + errno);
    this.errno = errno;
  }

  public Errno errno() {
    return errno;
  }
}
