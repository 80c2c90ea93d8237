package io.fermata.device;

import java.util.Arrays;

/**
 * Where one device stands in the kernel's migration machine (uapi {@code enum
 * vfio_device_mig_state}), and what it may do there.
 *
 * <p>Two properties carry the whole barrier: a device that <em>may issue DMA</em> can hit a peer,
 * and a device that is <em>frozen</em> can no longer take a hit. A state that this program cannot
 * vouch for is {@link #UNKNOWN}: a call that has not returned, a number from a newer kernel.
 * UNKNOWN may do everything, so every rule that asks gets the careful answer.
 *
 * <pre>
 *  RUNNING ---- RUNNING_P2P ---- STOP ---- STOP_COPY
 *     |              |             \
 *  PRE_COPY --- PRE_COPY_P2P ->     RESUMING
 *               (to STOP_COPY)
 * </pre>
 */
public enum DeviceState {
  /** Unusable until reset; a reset loses what the guest had in the device. */
  ERROR(0, Dma.SILENT, Inside.DEAD),
  /** No DMA, state frozen, no session. */
  STOP(1, Dma.SILENT, Inside.FROZEN),
  /** Fully operational; where a device is after open and after reset. */
  RUNNING(2, Dma.ISSUES, Inside.CHANGES),
  /** Frozen, and its state can be read. */
  STOP_COPY(3, Dma.SILENT, Inside.FROZEN),
  /** Stopped, and takes a state image. */
  RESUMING(4, Dma.SILENT, Inside.FROZEN),
  /** Starts no peer DMA, still takes it. */
  RUNNING_P2P(5, Dma.SILENT, Inside.CHANGES),
  /** Like RUNNING, with its changes tracked and readable. */
  PRE_COPY(6, Dma.ISSUES, Inside.CHANGES),
  /** Like RUNNING_P2P, with its changes tracked and readable. */
  PRE_COPY_P2P(7, Dma.SILENT, Inside.CHANGES),
  /** Not known; never a kernel value. */
  UNKNOWN(-1, Dma.ISSUES, Inside.ANYTHING);

  private enum Dma {
    ISSUES,
    SILENT
  }

  private enum Inside {
    CHANGES,
    FROZEN,
    DEAD,
    ANYTHING
  }

  private final int code;
  private final Dma dma;
  private final Inside inside;

  DeviceState(int code, Dma dma, Inside inside) {
    this.code = code;
    this.dma = dma;
    this.inside = inside;
  }

  /** The kernel's number; -1 for {@link #UNKNOWN}. */
  public int code() {
    return code;
  }

  /**
   * The state with this kernel number; a number of a future kernel is {@link #UNKNOWN}, never a
   * failure.
   */
  public static DeviceState ofCode(int code) {
    return Arrays.stream(values()).filter(s -> s.code == code).findFirst().orElse(UNKNOWN);
  }

  /** Whether the device can start DMA, to memory or to a peer. */
  public boolean mayIssueDma() {
    return dma == Dma.ISSUES;
  }

  /** Whether the device's internal state cannot change, so that DMA arriving at it is lost. */
  public boolean mayBeFrozen() {
    return inside == Inside.FROZEN || inside == Inside.ANYTHING;
  }

  /** Whether the device's internal state can change: it runs, at least as a receiver. */
  public boolean mayChange() {
    return inside == Inside.CHANGES || inside == Inside.ANYTHING;
  }

  /** Whether the device is known to issue no DMA and still to take it. */
  public boolean isQuiesced() {
    return this == RUNNING_P2P || this == PRE_COPY_P2P;
  }

  /** Whether the device is known to be stopped at the source: gate 2 counts these. */
  public boolean isStopped() {
    return this == STOP || this == STOP_COPY;
  }
}
