package io.fermata.migration;

/** Where a migration stands, in the words of the API. */
public enum Phase {
  QUEUED,
  CHECKING,
  PREPARING,
  PRECOPYING,
  QUIESCING,
  FREEZING,
  COPYING,
  SEALING,
  RESUMING,
  CLEANING,
  DONE,
  ROLLING_BACK,
  NEEDS_OPERATOR;

  /** Whether the guest is dark and the source still owns the set: every failure walks back. */
  public boolean inBarrier() {
    return this == QUIESCING || this == FREEZING || this == COPYING || this == SEALING;
  }

  /** Whether the guest is dark in this phase: nothing here waits for the journal. */
  public boolean dark() {
    return inBarrier() || this == RESUMING;
  }
}
