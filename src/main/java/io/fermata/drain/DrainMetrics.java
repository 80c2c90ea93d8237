package io.fermata.drain;

import static io.fermata.metrics.Instruments.label;

import io.fermata.drain.Drain.Phase;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Gauges.Readings;
import io.fermata.metrics.Instruments;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** How the open drains stand. Every orchestrator shows all of them: take the maximum. */
final class DrainMetrics {
  private static final String DRAINS = "fermata_drains";
  private static final String MACHINES = "fermata_drain_vms";
  private static final String BLOCKED = "fermata_drain_oldest_blocked_seconds";
  private static final double MILLIS = 1e3;
  private static final List<Phase> PHASES =
      Arrays.stream(Phase.values()).filter(phase -> !phase.ended()).toList();

  private final Supplier<List<Drain>> open;
  private final InstantSource time;

  private DrainMetrics(Supplier<List<Drain>> open, InstantSource time) {
    this.open = open;
    this.time = time;
  }

  static void show(Instruments instruments, Supplier<List<Drain>> open, InstantSource time) {
    var metrics = new DrainMetrics(open, time);
    instruments.read(
        new Gauges(metrics::look)
            .gauge(DRAINS, "Hosts that are being evacuated, by how the drain stands.", "phase")
            .gauge(MACHINES, "Machines of open drains, by how far they are.", "state")
            .gauge(BLOCKED, "How long something has been in a drain's way; 0 if nothing is."));
  }

  private void look(Readings readings) {
    List<Drain> all = open.get();
    for (Phase phase : PHASES) {
      double in = all.stream().filter(d -> d.phase() == phase).count();
      readings.put(DRAINS, in, label(phase));
    }
    for (Move.State state : Move.State.values()) {
      readings.put(MACHINES, all.stream().mapToInt(d -> d.count(state)).sum(), label(state));
    }
    long now = time.millis();
    long longest =
        all.stream()
            .filter(drain -> drain.phase() == Phase.DRAINING)
            .flatMap(drain -> drain.everyBlocker().stream())
            .mapToLong(blocker -> now - blocker.since())
            .max()
            .orElse(0);
    readings.put(BLOCKED, Math.max(0, longest) / MILLIS);
  }
}
