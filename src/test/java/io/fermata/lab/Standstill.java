package io.fermata.lab;

import io.fermata.lab.HoldingLab.Vm;
import io.fermata.migration.Outcome;

/**
 * Where a migration is made to stand still, so that an agent can be killed exactly there.
 *
 * <p>Every way passes the source's gate, if it has one, first; those that go on from there come to
 * the destination's, which is shut only when that device has been prepared and has passed the same
 * state on its way there.
 */
enum Standstill {
  PREPARING(false, "", "RESUMING"),
  PRECOPYING(true, "PRE_COPY", ""),
  QUIESCING(true, "PRE_COPY_P2P", ""),
  FREEZING(false, "STOP", ""),
  FROZEN(false, "STOP_COPY", ""),
  READING(false, "READ", ""),
  LOADING(false, "STOP_COPY", "STOP"),
  THAWING(false, "STOP_COPY", "RUNNING_P2P"),
  STARTING(false, "STOP_COPY", "RUNNING"),
  WALKING_BACK(false, "STOP_COPY", "");

  private static final String WAY_BACK = "RUNNING_P2P";

  private final boolean preCopy;
  private final String source;
  private final String destination;

  Standstill(boolean preCopy, String source, String destination) {
    this.preCopy = preCopy;
    this.source = source;
    this.destination = destination;
  }

  boolean preCopy() {
    return preCopy;
  }

  /**
   * Whether this is how a migration may end of which an agent was killed there. Once the seal is on
   * disk the set can only go on. A source that is killed while the destination still prepares has
   * nothing to go back from: it is claimed once more.
   */
  boolean mayEnd(Outcome outcome) {
    boolean moved = outcome == Outcome.SUCCEEDED;
    boolean stayed = outcome == Outcome.ROLLED_BACK || outcome == Outcome.FAILED;
    return switch (this) {
      case THAWING, STARTING -> moved;
      case PREPARING -> moved || stayed;
      default -> stayed;
    };
  }

  /** Before the migration is asked for. */
  void shutFirst(Vm vm, Gates from, Gates to) {
    if (source.isEmpty()) {
      to.shut(vm.first(), destination);
    } else {
      from.shut(vm.first(), source);
    }
  }

  void awaitFirst(Vm vm, HoldingLab.Marks marks) {
    if (source.isEmpty()) {
      marks.to().awaitHanging(vm.first(), destination, marks.toSince());
    } else {
      marks.from().awaitHanging(vm.first(), source, marks.fromSince());
    }
  }

  /** Whether it goes on from the first gate to a second one. */
  boolean goesOn() {
    return this == WALKING_BACK || (!source.isEmpty() && !destination.isEmpty());
  }

  /** Once it hangs at the first gate. */
  void goOn(Vm vm, Gates from, Gates to) {
    if (this == WALKING_BACK) {
      from.shut(vm.first(), WAY_BACK);
    } else {
      to.shut(vm.first(), destination);
    }
    from.open(vm.first(), source);
  }

  void awaitSecond(Vm vm, HoldingLab.Marks marks) {
    if (this == WALKING_BACK) {
      marks.from().awaitHanging(vm.first(), WAY_BACK, marks.fromSince());
    } else {
      marks.to().awaitHanging(vm.first(), destination, marks.toSince());
    }
  }
}
