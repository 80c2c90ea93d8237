package io.fermata.migration.trace;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;

import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Side;
import io.fermata.migration.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Where a hop belongs in a migration.
 *
 * @param phase that asked for it
 * @param gate that it leads to, or null for a hop that no gate waits for
 */
record Step(Phase phase, @Nullable String gate) {
  /**
   * The step of a hop.
   *
   * @param forward whether the destination has the right to run: then the source cleans up
   */
  static Step of(Hop hop, Side side, boolean forward) {
    return side == Side.SOURCE ? atSource(hop, forward) : atDestination(hop, forward);
  }

  private static Step atSource(Hop hop, boolean forward) {
    boolean towardsRunning = hop.from().mayBeFrozen() || !hop.from().mayIssueDma();
    Step back = new Step(forward ? Phase.CLEANING : Phase.ROLLING_BACK, null);
    return switch (hop.to()) {
      case PRE_COPY -> new Step(Phase.PRECOPYING, null);
      case PRE_COPY_P2P -> new Step(Phase.QUIESCING, "quiesced");
      case RUNNING_P2P ->
          towardsRunning
              ? new Step(back.phase, forward ? null : "thawed")
              : new Step(Phase.QUIESCING, "quiesced");
      case STOP -> hop.from() == STOP_COPY ? back : new Step(Phase.FREEZING, "frozen");
      case STOP_COPY -> hop.from() == STOP ? new Step(Phase.COPYING, null) : frozen();
      case RUNNING ->
          hop.from() == PRE_COPY ? back : new Step(back.phase, forward ? null : "running");
      case RESUMING, ERROR, UNKNOWN -> back;
    };
  }

  private static Step frozen() {
    return new Step(Phase.FREEZING, "frozen");
  }

  /** Before the image is whole the destination's devices are nobody's. */
  private static Step atDestination(Hop hop, boolean forward) {
    DeviceState from = hop.from();
    if (from == RESUMING) {
      return new Step(Phase.COPYING, "loaded");
    }
    if (forward && from == STOP && hop.to() == RUNNING_P2P) {
      return new Step(Phase.RESUMING, "thawed");
    }
    if (forward && hop.to() == RUNNING) {
      return new Step(Phase.RESUMING, "running");
    }
    return new Step(Phase.PREPARING, null);
  }
}
