package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the pairs for an order that names no devices: all of the VM's, each with a free one of the
 * same profile.
 */
public final class Matching {
  private Matching() {}

  /** The pairs, or what is missing. */
  public record Found(List<Order.Pair> pairs, List<String> missing) {}

  /**
   * Pairs by name where a free device of the same name and profile exists, else the first free one
   * of the profile.
   */
  public static Found match(String vm, HostView source, HostView destination) {
    List<Order.Pair> pairs = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Set<DeviceName> taken = new HashSet<>();
    List<DeviceView> set = source.devices().stream().filter(d -> vm.equals(d.vm())).toList();
    if (set.isEmpty()) {
      missing.add(source.name() + " has no device of " + vm);
    }
    for (DeviceView device : set) {
      Optional<DeviceView> found = free(device, destination, taken);
      if (found.isPresent()) {
        taken.add(found.get().name());
        pairs.add(new Order.Pair(device.name(), found.get().name()));
      } else {
        missing.add(
            destination.name()
                + " has no free device of profile "
                + device.profile()
                + " for "
                + device.name());
      }
    }
    return new Found(List.copyOf(pairs), List.copyOf(missing));
  }

  private static Optional<DeviceView> free(
      DeviceView wanted, HostView host, Set<DeviceName> taken) {
    List<DeviceView> fit =
        host.devices().stream()
            .filter(d -> d.vm() == null && d.claim() == null && d.unavailable() == null)
            .filter(d -> d.profile().equals(wanted.profile()) && !taken.contains(d.name()))
            .toList();
    return fit.stream()
        .filter(d -> d.name().equals(wanted.name()))
        .findFirst()
        .or(() -> fit.stream().findFirst());
  }
}
