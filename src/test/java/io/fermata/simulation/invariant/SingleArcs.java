package io.fermata.simulation.invariant;

import io.fermata.device.Arcs;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/**
 * S6: what is asked of a device is one direct arc, both from where the agent saw it and from where
 * it truly is.
 */
public final class SingleArcs implements Invariant {
  @Override
  public void check(Truth truth) {
    truth.hops().forEach(SingleArcs::check);
  }

  private static void check(Truth.HopAsked asked) {
    int seen = Arcs.path(asked.hop().from(), asked.hop().to(), asked.offered()).size();
    int walked = Arcs.path(asked.was(), asked.hop().to(), asked.offered()).size();
    if (seen != 1 || walked > 1) {
      throw new Violation(
          "SingleArcs",
          "%s %s was asked for %s and was in %s"
              .formatted(asked.device().host(), asked.device().name(), asked.hop(), asked.was()));
    }
  }
}
