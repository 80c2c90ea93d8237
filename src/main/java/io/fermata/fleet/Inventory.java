package io.fermata.fleet;

import io.fermata.handover.HostName;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Every host that there is: those of the settings, and what an administrator has entered, changed
 * or retired since, which counts for more.
 */
@Component
public final class Inventory {
  private final SortedMap<HostName, FleetSettings.Host> seeds = new TreeMap<>();
  private volatile SortedMap<HostName, FleetSettings.Host> hosts;

  public Inventory(FleetSettings settings) {
    for (FleetSettings.Host host : settings.hosts()) {
      seeds.put(new HostName(Objects.requireNonNull(host.name())), host);
    }
    hosts = Collections.unmodifiableSortedMap(new TreeMap<>(seeds));
  }

  /** From now on this is said of hosts. */
  public void said(Map<HostName, HostMarks> marks) {
    SortedMap<HostName, FleetSettings.Host> now = new TreeMap<>(seeds);
    marks.forEach((name, mark) -> {
      HostMarks.Place place = mark.place();
      if (place != null && place.host() == null) {
        now.remove(name);
      } else if (place != null) {
        now.put(name, place.host());
      }
    });
    hosts = Collections.unmodifiableSortedMap(now);
  }

  /** What holds now; it never changes under whoever reads it. */
  public SortedMap<HostName, FleetSettings.Host> hosts() {
    return hosts;
  }
}
