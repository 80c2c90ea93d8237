package io.fermata.migration.metrics;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Migration;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Agents that count as lost while a guest on one of their sets is dark. */
final class LostAgents {
  private static final String NOW = "fermata_agents_lost_in_blackout";

  private final CounterDataPoint lostEver;
  private final OpenMigrations open;
  private final Fleet fleet;
  private final Set<Lost> known = new HashSet<>();

  private record Lost(MigrationId migration, HostName host) {}

  LostAgents(Instruments instruments, OpenMigrations open, Fleet fleet) {
    this.open = open;
    this.fleet = fleet;
    lostEver =
        instruments
            .counter(
                "fermata_agent_lost_in_blackout_total",
                "Times that an agent of a migration was lost while its guest was dark.")
            .labelValues();
    instruments.read(
        new Gauges(readings -> readings.put(NOW, look()))
            .gauge(NOW, "Agents that are lost while a guest of theirs is dark."));
  }

  /** Counts those that are new, and says how many agents there are now. */
  synchronized int look() {
    List<Migration> dark = open.open().stream().filter(OpenMigrations::dark).toList();
    Set<Lost> now = dark.isEmpty() ? Set.of() : lost(dark);
    lostEver.inc(now.stream().filter(each -> !known.contains(each)).count());
    known.clear();
    known.addAll(now);
    return (int) now.stream().map(Lost::host).distinct().count();
  }

  private Set<Lost> lost(List<Migration> dark) {
    Set<HostName> gone =
        fleet.hosts().stream()
            .filter(host -> host.state() == AgentState.LOST)
            .map(HostView::name)
            .collect(Collectors.toSet());
    return dark.stream()
        .flatMap(m ->
            Stream.of(m.order().source(), m.order().destination())
                .filter(gone::contains)
                .map(host -> new Lost(m.id(), host)))
        .collect(Collectors.toSet());
  }
}
