package io.fermata.migration;

import java.util.function.Supplier;

/**
 * How long the loop leaves the queue alone after it has decided about it. A decision looks at every
 * open migration, so with ten thousand of them one takes tens of milliseconds, and nearly all that
 * happens asks for one: without a rest the loop would do little else, while guests that are dark
 * wait for it. So deciding takes a fifth of the loop's time at most. Among few there is no rest,
 * however long the processor was somewhere else.
 */
final class Rest {
  private static final int TIMES_THE_WORK = 4;
  private static final int FEW = 500;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Moment moment;
  private long until = Long.MIN_VALUE;
  private long wakeMillis = Long.MAX_VALUE;

  Rest(Moment moment) {
    this.moment = moment;
  }

  /** Decides about so many; the rest begins when that has ended, and is as long as it asks for. */
  <T> T after(int open, Supplier<T> decision) {
    long begun = moment.monotonicNanos();
    wakeMillis = Long.MAX_VALUE;
    T decided = decision.get();
    long now = moment.monotonicNanos();
    until = open < FEW ? Long.MIN_VALUE : now + (now - begun) * TIMES_THE_WORK;
    return decided;
  }

  /** Whether it may be decided now; where not, {@link #wakeMillis} says when. */
  boolean isOver() {
    if (until == Long.MIN_VALUE) {
      return true;
    }
    long left = until - moment.monotonicNanos();
    if (left <= 0) {
      return true;
    }
    wakeMillis = moment.epochMillis() + left / NANOS_PER_MILLI + 1;
    return false;
  }

  /** Asks once more for whoever was put off, if it is time. */
  void wakeDue(long nowMillis, Runnable ask) {
    if (wakeMillis <= nowMillis) {
      ask.run();
    }
  }

  /** When somebody who was put off has his turn, epoch milliseconds. */
  long wakeMillis() {
    return wakeMillis;
  }
}
