package io.fermata.simulation.invariant;

import io.fermata.device.DeviceState;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Truth.Thing;
import io.fermata.simulation.Violation;

/**
 * A guest's vCPUs run only where all of its devices do: a doorbell written to a quiesced device
 * voids the guarantee.
 */
public final class GuestStandsStill implements Invariant {
  @Override
  public void check(Truth truth) {
    for (String guest : truth.guests()) {
      truth
          .sets(guest)
          .forEach((host, set) -> {
            if (truth.runs(host, guest)) {
              set.forEach(thing -> check(guest, thing));
            }
          });
    }
  }

  private static void check(String guest, Thing thing) {
    DeviceState state = thing.state();
    if (!state.mayIssueDma() && state != DeviceState.ERROR) {
      throw new Violation(
          "GuestStandsStill",
          guest + "'s vCPUs run on " + thing.host() + " while " + thing.name() + " is in " + state);
    }
  }
}
