package io.fermata.simulation.invariant;

import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** L5: nobody asks more about one migration within a second than it can want to know. */
public final class NoStorm implements Invariant {
  private static final int MOST = 120;

  @Override
  public void check(Truth truth) {
    truth
        .traffic()
        .forEach((who, times) -> {
          if (times.size() > MOST) {
            throw new Violation("NoStorm", who + ": " + times.size() + " requests in a second");
          }
        });
  }
}
