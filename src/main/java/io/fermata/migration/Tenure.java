package io.fermata.migration;

/**
 * How this replica stands with the others: whether what it owns is still its own. Owned by the
 * loop's thread.
 *
 * <pre>
 *   HELD ──time──▶ UNSURE ──the database does not answer──▶ CUT OFF
 *    ▲               │                                        │
 *    └───────────────┴──────────── renewed ◀──────────────────┘
 * </pre>
 *
 * <p>While the lease is held, everything is driven. Once it is over and the database has not said
 * more, others may have taken over: only guests that are dark now are driven on, since nobody may
 * wait for them. Where the database does not answer at all, the journal counts as failing: nothing
 * enters the barrier, what is in it walks back or goes on, and pre-copies are kept alive. That is
 * safe beside another owner: agents refuse the lower epoch.
 */
public final class Tenure {
  private final boolean shared;
  private long untilNanos;
  private boolean cutOff;
  private boolean begun;

  private Tenure(boolean shared) {
    this.shared = shared;
  }

  /** Of a replica that has the journal for itself. */
  public static Tenure alone() {
    return new Tenure(false);
  }

  /** Of one among several; it holds nothing before the first {@link #renewed}. */
  public static Tenure leased() {
    return new Tenure(true);
  }

  /** The lease runs until then, by this replica's monotonic clock. */
  void renewed(long nanos) {
    untilNanos = nanos;
    cutOff = false;
    begun = true;
  }

  /** The database did not answer. */
  void silent() {
    cutOff = true;
  }

  /** Whether a lease runs, or none is needed. */
  boolean holds(long nowNanos) {
    return !shared || (begun && nowNanos - untilNanos < 0);
  }

  boolean isCutOff() {
    return shared && cutOff;
  }

  /** Whether a migration in that phase may be driven. */
  boolean mayDrive(Phase phase, long nowNanos) {
    return holds(nowNanos) || isCutOff() || phase.dark();
  }
}
