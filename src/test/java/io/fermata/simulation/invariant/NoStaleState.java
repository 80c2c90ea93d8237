package io.fermata.simulation.invariant;

import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** S3: what begins to run is what was frozen last, and nothing older. */
public final class NoStaleState implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Truth.Start start : truth.starts()) {
      if (start.content().version() != start.newest()) {
        throw new Violation(
            "NoStaleState",
            "%s began to run %s; the newest state is %d"
                .formatted(start.host(), start.content(), start.newest()));
      }
    }
  }
}
