package io.fermata.fleet;

import io.fermata.fleet.HostView.AgentState;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Gauges.Readings;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** How the agents stand, as they are shown to everybody else. */
@Component
final class FleetMetrics {
  private static final String AGENTS = "fermata_agents";
  private static final String INFO = "fermata_agent_info";
  private static final String SEEN = "fermata_agent_last_seen_timestamp_seconds";
  private static final double MILLIS = 1e3;

  private final Fleet fleet;

  FleetMetrics(Fleet fleet, PrometheusRegistry registry) {
    this.fleet = fleet;
    new Instruments(registry)
        .read(
            new Gauges(this::look)
                .gauge(AGENTS, "Agents of the inventory, by how they were last found.", "state")
                .gauge(INFO, "The version that each agent runs.", "host", "version")
                .gauge(SEEN, "When each agent last answered, Unix time.", "host"));
  }

  private void look(Readings readings) {
    List<HostView> hosts = fleet.hosts();
    Map<AgentState, Integer> states = new EnumMap<>(AgentState.class);
    for (HostView host : hosts) {
      String name = host.name().value();
      states.merge(host.state(), 1, Integer::sum);
      readings.put(INFO, 1, name, Objects.requireNonNullElse(host.version(), "unknown"));
      Long seen = host.seenMillis();
      if (seen != null) {
        readings.put(SEEN, seen / MILLIS, name);
      }
    }
    for (AgentState state : AgentState.values()) {
      readings.put(AGENTS, states.getOrDefault(state, 0), Instruments.label(state));
    }
  }
}
