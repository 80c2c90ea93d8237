package io.fermata.device;

import static io.fermata.device.Capabilities.Capability.P2P;

/**
 * Where a whole set is being driven. A goal is not a step: whatever mix of states the set is in,
 * {@link HopPlan} finds the next single hops towards it.
 */
public enum Goal {
  /**
   * Every device fully operational. Forward at a started destination, back at a source that gives
   * up.
   */
  RUNNING,
  /** Source: every device that can is tracked and readable; the others run. */
  PRE_COPY,
  /** Source: no device issues DMA (gate 1). */
  QUIESCED,
  /** Source: every device in STOP or STOP_COPY (gate 2). */
  FROZEN,
  /** Source: every device in STOP_COPY, its image being read. */
  COPYING,
  /** Destination: every device takes an image. */
  RESUMING,
  /**
   * Every device in STOP: a destination with its images loaded (gate 3), a released source before
   * its reset.
   */
  STOPPED;

  /** Whether it is one of those that a source has between its stop and the way back. */
  public boolean isOfAStop() {
    return this == QUIESCED || this == FROZEN || this == COPYING;
  }

  /** Whether a device in that state needs no more hops for this goal. */
  public boolean reachedBy(DeviceState state, Capabilities offered) {
    return switch (this) {
      case RUNNING -> state == DeviceState.RUNNING;
      case PRE_COPY -> state == next(offered, DeviceState.PRE_COPY, DeviceState.RUNNING);
      case QUIESCED -> state.isQuiesced() || (!offered.has(P2P) && state.mayChange());
      case FROZEN -> state.isStopped();
      case COPYING -> state == DeviceState.STOP_COPY;
      case RESUMING -> state == DeviceState.RESUMING;
      case STOPPED -> state == DeviceState.STOP;
    };
  }

  private static DeviceState next(Capabilities offered, DeviceState wanted, DeviceState otherwise) {
    return offered.supports(wanted) ? wanted : otherwise;
  }
}
