package io.fermata.simulation.invariant;

import io.fermata.simulation.Truth;
import io.fermata.simulation.Truth.Thing;
import io.fermata.simulation.Violation;
import java.util.List;

/** S1: on no host is a device of a guest frozen while another of its devices may issue DMA. */
public final class BarrierHolds implements Invariant {
  @Override
  public void check(Truth truth) {
    for (String guest : truth.guests()) {
      truth.sets(guest).values().forEach(set -> check(guest, set));
    }
  }

  private static void check(String guest, List<Thing> set) {
    for (Thing frozen : set) {
      for (Thing other : set) {
        if (frozen.state().mayBeFrozen() && other.state().mayIssueDma()) {
          throw new Violation(
              "BarrierHolds",
              "%s on %s: %s is in %s while %s is in %s"
                  .formatted(
                      guest,
                      frozen.host(),
                      frozen.name(),
                      frozen.state(),
                      other.name(),
                      other.state()));
        }
      }
    }
  }
}
