package io.fermata.simulation.invariant;

import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** L1: a renewal that comes after the lease has ended does not keep the set stopped. */
public final class LeaseIsFinal implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Truth.Renewal renewal : truth.renewals()) {
      if (renewal.held() && renewal.silenceNanos() >= renewal.leaseNanos()) {
        throw new Violation(
            "LeaseIsFinal",
            "%s holds %s still, renewed after %d ms of a lease of %d ms"
                .formatted(
                    renewal.host(),
                    renewal.migration(),
                    renewal.silenceNanos() / 1_000_000,
                    renewal.leaseNanos() / 1_000_000));
      }
    }
  }
}
