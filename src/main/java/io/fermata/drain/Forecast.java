package io.fermata.drain;

import io.fermata.drain.Move.State;
import org.jspecify.annotations.Nullable;

/** How long a drain is likely to take still. */
public final class Forecast {
  private Forecast() {}

  /**
   * Milliseconds, by what the drain's own migrations took so far; null where that is not known: as
   * long as none of them got through, or something is blocked, or nothing goes on.
   */
  public static @Nullable Long remainingMillis(Drain drain, long now) {
    if (drain.phase().ended()) {
      return 0L;
    }
    boolean stuck = drain.phase() != Drain.Phase.DRAINING || !drain.everyBlocker().isEmpty();
    var took =
        drain.moves().values().stream()
            .filter(move -> move.state() == State.MOVED && move.started() > 0)
            .mapToLong(move -> move.since() - move.started())
            .average();
    if (stuck || took.isEmpty()) {
      return null;
    }
    double each = took.getAsDouble();
    double work = drain.count(State.WAITING) * each;
    for (Move move : drain.moves().values()) {
      work += move.underWay() ? Math.max(0, each - (now - move.started())) : 0;
    }
    int left = drain.count(State.WAITING) + drain.count(State.STARTING) + drain.count(State.MOVING);
    int atOnce = Math.clamp(left, 1, drain.terms().concurrency());
    return Math.round(work / atOnce);
  }
}
