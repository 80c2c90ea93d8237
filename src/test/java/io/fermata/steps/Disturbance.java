package io.fermata.steps;

/** What may happen to one step. The first seven belong to every step that has such an end. */
enum Disturbance {
  /** Nothing of what the step asks for is done, and whoever is waiting hears of a failure. */
  FAILS_BEFORE,
  /** It is all done, and whoever is waiting hears of a failure. */
  FAILS_AFTER,
  /** The process ends with nothing written. */
  CRASHES_BEFORE_SYNC,
  /** The process ends with all written and nothing sent. */
  CRASHES_AFTER_SYNC,
  /** The process ends with all written and sent. */
  CRASHES_AFTER_SEND,
  /** What led to the step comes twice; a decision is taken by two orchestrators. */
  TWICE,
  /** It is done, and its answer is never heard. */
  ANSWER_LOST,

  /** Devices that the step moves end in ERROR. */
  DEVICE_DIES,
  /** Devices that the step moves end in another state of the same side of the barrier. */
  DEVICE_ASTRAY,
  /** Calls of the step return long after their deadline. */
  LATE,
  /** The process ends after the step and comes back long after every deadline. */
  AWAY,
  /** Somebody wants the migration to end. */
  ABORT;

  boolean crashes() {
    return switch (this) {
      case CRASHES_BEFORE_SYNC, CRASHES_AFTER_SYNC, CRASHES_AFTER_SEND, AWAY -> true;
      default -> false;
    };
  }
}
