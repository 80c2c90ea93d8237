package io.fermata.fleet;

import io.fermata.handover.HostName;
import io.fermata.wire.tls.ProcessIdentity;
import io.fermata.wire.tls.Unsafe;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Every host that there is: those of the settings, and what an administrator has entered, changed
 * or retired since, which counts for more.
 */
@Component
public final class Inventory {
  private final SortedMap<HostName, FleetSettings.Host> seeds = new TreeMap<>();
  private final boolean secured;
  private volatile SortedMap<HostName, FleetSettings.Host> hosts;

  @Autowired
  Inventory(FleetSettings settings, ProcessIdentity proof) {
    this(settings, proof.secured());
  }

  /**
   * @param secured whether processes prove who they are: then agents are reached by https alone
   * @throws Unsafe if they do, and a host of the settings is to be reached in the clear
   */
  Inventory(FleetSettings settings, boolean secured) {
    this.secured = secured;
    List<String> plain =
        settings.hosts().stream()
            .flatMap(host -> Stream.of(host.agent(), host.peer()))
            .filter(Objects::nonNull)
            .flatMap(address -> objection(address).stream())
            .toList();
    if (!plain.isEmpty()) {
      throw new Unsafe(plain);
    }
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

  /** Why no agent may be reached by that address; what is said to one may hold a secret. */
  public Optional<String> objection(URI address) {
    return secured && !"https".equals(address.getScheme())
        ? Optional.of(address + " is no https address, and this process has certificates")
        : Optional.empty();
  }

  /** What holds now; it never changes under whoever reads it. */
  public SortedMap<HostName, FleetSettings.Host> hosts() {
    return hosts;
  }
}
