package io.fermata.handover;

import io.fermata.device.DeviceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The images that have come in whole at a destination, each with the stop that it was taken at. */
final class Inflow {
  private final Map<DeviceName, Event.Arrived> images = new TreeMap<>();

  void arrived(Event.Arrived arrived) {
    images.put(arrived.image().device(), arrived);
  }

  boolean has(DeviceName device) {
    return images.containsKey(device);
  }

  boolean isWhole(ClaimedSet set) {
    return images.size() == set.names().size();
  }

  /** The stop that all of them were taken at; empty if they are none, or of several. */
  Optional<Stop> stop() {
    List<Stop> stops = images.values().stream().map(Event.Arrived::stop).distinct().toList();
    return stops.size() == 1 ? Optional.of(stops.getFirst()) : Optional.empty();
  }

  List<ImageDigest> digests() {
    return images.values().stream().map(Event.Arrived::image).toList();
  }
}
