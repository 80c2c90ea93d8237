package io.fermata.handover.message;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import org.jspecify.annotations.Nullable;

/**
 * What became of one hop: what was asked, what the call said, and what the device said when it was
 * read again.
 *
 * @param observed the state read after the call; UNKNOWN while it has not returned
 * @param error errno by name, such as {@code EIO(5)}, or null
 * @param startNanos when the call began, agent's clock
 * @param endNanos when it returned or was given up
 */
public record HopReport(
    DeviceName device,
    Hop requested,
    Outcome outcome,
    DeviceState observed,
    @Nullable String error,
    long startNanos,
    long endNanos) {

  /** The five ways a hop can end. */
  public enum Outcome {
    /** The device is where it was asked to go. */
    DONE,
    /** It is where it was. */
    REFUSED,
    /** It is somewhere else on the way. */
    MOVED,
    /** It is in ERROR. */
    FAULTED,
    /** The call has not returned, or the state cannot be read. */
    UNKNOWN
  }

  /** What to call it, given where the device was found. */
  public static Outcome judge(Hop requested, DeviceState observed) {
    if (observed == requested.to()) {
      return Outcome.DONE;
    }
    return switch (observed) {
      case UNKNOWN -> Outcome.UNKNOWN;
      case ERROR -> Outcome.FAULTED;
      default -> observed == requested.from() ? Outcome.REFUSED : Outcome.MOVED;
    };
  }
}
