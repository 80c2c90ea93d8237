package io.fermata.simulation.invariant;

import io.fermata.handover.HostName;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;
import java.util.List;

/** S2: at most one host has devices of a guest whose state may change, or runs its vCPUs. */
public final class NeverTwoHostsActive implements Invariant {
  @Override
  public void check(Truth truth) {
    for (String guest : truth.guests()) {
      List<HostName> active =
          truth.holding(guest).entrySet().stream()
              .filter(e -> e.getValue().stream().anyMatch(t -> t.state().mayChange()))
              .map(e -> e.getKey())
              .toList();
      if (active.size() > 1) {
        throw new Violation("NeverTwoHostsActive", guest + " is active on " + active);
      }
    }
  }
}
