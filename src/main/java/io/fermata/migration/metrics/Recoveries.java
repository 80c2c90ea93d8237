package io.fermata.migration.metrics;

import io.fermata.handover.MigrationId;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Migration;
import io.fermata.migration.Moment;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Migrations that were open when this process began: taken up again once the take-over is on disk,
 * and from then on driven like any other.
 */
final class Recoveries {
  private static final String IN_PROGRESS = "fermata_recovery_in_progress_seconds";
  private static final double NANOS = 1e9;

  private final Counter recoveries;
  private final Distribution seconds;
  private final Moment moment;
  private final Map<MigrationId, Long> begun = new ConcurrentHashMap<>();

  Recoveries(Instruments instruments, Moment moment) {
    this.moment = moment;
    recoveries =
        instruments.counter(
            "fermata_recoveries_total",
            "Migrations taken up after a start, by the way on which they were found.",
            "action");
    seconds =
        instruments.histogram(
            Buckets.PHASE,
            "fermata_recovery_seconds",
            "From the start until a migration's take-over was on disk.",
            "action");
    List.of("resumed", "rolled_back", "rolled_forward", "parked")
        .forEach(recoveries::initLabelValues);
    instruments.read(
        new Gauges(readings -> readings.put(IN_PROGRESS, oldestSeconds()))
            .gauge(IN_PROGRESS, "How long the oldest migration waits to be taken up; 0 if none."));
  }

  void began(MigrationId id) {
    begun.put(id, moment.monotonicNanos());
  }

  /** Whether with this it is taken up. */
  boolean kept(Migration durable) {
    if (begun.isEmpty()) {
      return false;
    }
    Long since = begun.remove(durable.id());
    if (since != null) {
      String action = action(durable);
      recoveries.labelValues(action).inc();
      seconds.labelValues(action).observe((moment.monotonicNanos() - since) / NANOS);
    }
    return since != null;
  }

  void lost(MigrationId id) {
    begun.remove(id);
  }

  private double oldestSeconds() {
    long now = moment.monotonicNanos();
    return begun.values().stream().mapToLong(since -> now - since).max().orElse(0) / NANOS;
  }

  private static String action(Migration m) {
    return switch (m.phase()) {
      case ROLLING_BACK -> "rolled_back";
      case RESUMING, CLEANING, DONE -> "rolled_forward";
      case NEEDS_OPERATOR -> "parked";
      case QUEUED, CHECKING, PREPARING, PRECOPYING, QUIESCING, FREEZING, COPYING, SEALING ->
          "resumed";
    };
  }
}
