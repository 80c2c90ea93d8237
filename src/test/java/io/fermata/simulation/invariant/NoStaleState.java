package io.fermata.simulation.invariant;

import io.fermata.handover.Fact;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** S3: what begins to run is what was frozen last, and nothing older. */
public final class NoStaleState implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Truth.Start start : truth.starts()) {
      boolean lost = truth.wentWithHost(start.content().key()) && isRuled(truth, start);
      if (start.content().version() != start.newest() && !lost) {
        throw new Violation(
            "NoStaleState",
            "%s began to run %s; the newest state is %d"
                .formatted(start.host(), start.content(), start.newest()));
      }
    }
  }

  /** What went on at a host is gone with it; an operator may go on with the copy that is left. */
  private static boolean isRuled(Truth truth, Truth.Start start) {
    var ledger = truth.ledger();
    return ledger.open(start.host()).stream()
        .anyMatch(id ->
            ledger.has(start.host(), id, Fact.Adopted.class)
                || ledger.has(start.host(), id, Fact.Reclaimed.class));
  }
}
