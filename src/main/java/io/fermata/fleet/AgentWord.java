package io.fermata.fleet;

import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an agent said of its host when it was asked for it.
 *
 * @param host the host, with the devices as the agent told them then
 * @param claims the migrations that hold devices there, whatever devices these are
 * @param incarnation names the agent's slate; null from one that does not say
 */
public record AgentWord(HostView host, List<MigrationId> claims, @Nullable String incarnation) {
  public AgentWord {
    claims = List.copyOf(claims);
  }

  /** What can be told by the devices alone. */
  static AgentWord of(HostView host) {
    List<MigrationId> claims =
        host.devices().stream()
            .map(DeviceView::claim)
            .filter(Objects::nonNull)
            .map(MigrationId::new)
            .distinct()
            .sorted()
            .toList();
    return new AgentWord(host, claims, null);
  }
}
