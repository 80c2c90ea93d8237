package io.fermata.simulation.invariant;

import io.fermata.simulation.Content;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Truth.Thing;
import io.fermata.simulation.Violation;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * S1: on no host is a device of a guest frozen while another of its devices may issue DMA.
 *
 * <p>A guest may come back to a host whose device is still to be wiped of what it left there: such
 * a device is of no set, and another one of the host holds the same part of the guest, newer.
 */
public final class BarrierHolds implements Invariant {
  @Override
  public void check(Truth truth) {
    for (String guest : truth.guests()) {
      truth.holding(guest).values().forEach(held -> check(guest, set(held)));
    }
  }

  /** Of each part of the guest the newest on that host. */
  static List<Thing> set(List<Thing> held) {
    SortedMap<Integer, Thing> newest = new TreeMap<>();
    for (Thing thing : held) {
      Content content = Objects.requireNonNull(thing.content());
      newest.merge(
          content.slot(), thing, (a, b) -> a.content().version() > content.version() ? a : b);
    }
    return List.copyOf(newest.values());
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
