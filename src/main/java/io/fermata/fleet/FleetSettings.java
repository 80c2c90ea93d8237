package io.fermata.fleet;

import io.fermata.handover.HostName;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The inventory, under {@code fermata.fleet}. Hosts come from here and from an administrator's
 * {@code PUT /hosts/H}, and never from the body of any other request.
 *
 * @param hosts every host with an agent
 * @param poll how often each agent is asked how it stands
 * @param timeout how long it may take to answer that
 * @param stale silence after which an agent counts as stale
 * @param lost silence after which it counts as lost
 * @param connectTimeout after which an agent that takes no connection counts as refusing
 */
@ConfigurationProperties(prefix = "fermata.fleet", ignoreUnknownFields = false)
public record FleetSettings(
    @DefaultValue List<Host> hosts,
    @DefaultValue("1s") Duration poll,
    @DefaultValue("1s") Duration timeout,
    @DefaultValue("3s") Duration stale,
    @DefaultValue("10s") Duration lost,
    @DefaultValue("1s") Duration connectTimeout) {

  /**
   * One host.
   *
   * @param agent the agent's control address, such as {@code http://host-a:8090}
   * @param peer the same as other agents reach it, where that differs from what the orchestrator
   *     sees, as behind an address translation; null for {@code agent}
   * @param linkBytesPerSecond bandwidth of its data-plane link, for estimates
   */
  public record Host(
      @Nullable String name,
      @Nullable URI agent,
      @Nullable URI peer,
      @DefaultValue Map<String, String> labels,
      @DefaultValue("true") boolean schedulable,
      @DefaultValue(USUAL_LINK) long linkBytesPerSecond) {
    /** Of a link of ten gigabits a second. */
    public static final String USUAL_LINK = "1250000000";

    public Host {
      labels = Map.copyOf(labels);
    }
  }

  public FleetSettings {
    hosts = List.copyOf(hosts);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < hosts.size(); i++) {
      check("fermata.fleet.hosts[" + i + "]", hosts.get(i), names);
    }
    for (Duration time : List.of(poll, timeout, stale, lost, connectTimeout)) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "fermata.fleet: poll, timeout, stale, lost and connect-timeout must be above 0");
      }
    }
  }

  private static void check(String property, Host host, Set<String> names) {
    if (host.name() == null || host.agent() == null) {
      throw new IllegalArgumentException(property + " needs a name and an agent's address");
    }
    new HostName(host.name());
    if (!names.add(host.name())) {
      throw new IllegalArgumentException(property + ".name: " + host.name() + " is there twice");
    }
    checkScheme(property + ".agent", host.agent());
    if (host.peer() != null) {
      checkScheme(property + ".peer", host.peer());
    }
    if (host.linkBytesPerSecond() <= 0) {
      throw new IllegalArgumentException(property + ".link-bytes-per-second must be above 0");
    }
  }

  private static void checkScheme(String property, URI address) {
    String scheme = String.valueOf(address.getScheme());
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(property + " must begin with http:// or https://");
    }
  }
}
