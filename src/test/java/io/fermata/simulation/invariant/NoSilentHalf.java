package io.fermata.simulation.invariant;

import io.fermata.migration.Failure;
import io.fermata.migration.Migration;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** S9: what waits for an operator says what it waits for, and where. */
public final class NoSilentHalf implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Migration migration : truth.parked()) {
      Failure failure = migration.failure();
      if (failure == null || failure.detail().isBlank() || failure.host() == null) {
        throw new Violation(
            "NoSilentHalf", migration.id() + " waits for an operator; why: " + failure);
      }
    }
  }
}
