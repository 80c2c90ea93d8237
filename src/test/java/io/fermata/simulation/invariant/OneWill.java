package io.fermata.simulation.invariant;

import io.fermata.handover.Epoch;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/**
 * S7: an agent that has obeyed a term obeys no earlier one, and nobody else under the same number,
 * for as long as its claim is open; restarts do not change that.
 */
public final class OneWill implements Invariant {
  @Override
  public void check(Truth truth) {
    truth.obeyed().forEach(OneWill::check);
  }

  private static void check(Truth.Obeyed done) {
    Epoch before = done.before();
    if (before == null) {
      return;
    }
    boolean rival =
        before.number() == done.epoch().number() && !before.owner().equals(done.epoch().owner());
    if (before.number() > done.epoch().number() || rival) {
      throw new Violation(
          "OneWill",
          "%s obeyed %s for %s after %s"
              .formatted(done.host(), done.epoch(), done.migration(), before));
    }
  }
}
