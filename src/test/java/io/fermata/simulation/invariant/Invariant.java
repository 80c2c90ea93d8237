package io.fermata.simulation.invariant;

import io.fermata.simulation.Truth;
import java.util.List;

/** Something that must be true at every instant, whatever fails. */
public interface Invariant {
  /**
   * Looks.
   *
   * @throws io.fermata.simulation.Violation if it does not hold
   */
  void check(Truth truth);

  /** All of them. */
  static List<Invariant> all() {
    return List.of(
        new BarrierHolds(),
        new GuestStandsStill(),
        new NeverTwoHostsActive(),
        new NoStaleState(),
        new NoStateLost(),
        new ReleasedIsFinal(),
        new SingleArcs(),
        new OneWill(),
        new OutcomeIsProven(),
        new NoSilentHalf(),
        new LeaseIsFinal(),
        new NoStorm());
  }
}
