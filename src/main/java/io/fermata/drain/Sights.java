package io.fermata.drain;

import io.fermata.device.DeviceName;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits;
import io.fermata.migration.Migration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is seen of the world when a drain is decided about.
 *
 * @param hosts every host, as last polled
 * @param open the migrations that have the host as source or destination and are not over
 * @param children the drain's own migrations, over or not
 * @param promised devices that migrations of other drains are to have
 * @param paused whether an operator lets nothing start
 * @param proof what the agent said when it was asked just now, or null where nobody asked
 */
public record Sights(
    List<HostView> hosts,
    List<Migration> open,
    Map<MigrationId, Migration> children,
    Set<Promised> promised,
    Limits limits,
    boolean paused,
    @Nullable PowerOff proof,
    Rules rules,
    long nowMillis) {

  /** A device that some migration is to have. */
  public record Promised(HostName host, DeviceName device) {}

  Optional<HostView> host(HostName name) {
    return hosts.stream().filter(host -> host.name().equals(name)).findFirst();
  }

  /** The same with what the agent said. */
  public Sights proven(PowerOff said) {
    return new Sights(hosts, open, children, promised, limits, paused, said, rules, nowMillis);
  }

  /** As if everything might start at once. */
  Sights unlimited() {
    return new Sights(
        hosts,
        open,
        children,
        promised,
        Limits.ofCluster(Limits.MOST),
        false,
        proof,
        rules,
        nowMillis);
  }
}
