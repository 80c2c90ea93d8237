package io.fermata.migration.metrics;

import io.fermata.metrics.Gauges;
import io.fermata.metrics.Gauges.Readings;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import java.util.Comparator;
import java.util.List;

/**
 * The only place where a migration's id is a label: those under way, and the newest that ended as
 * long as there is room, so that a dashboard can name what its other panels count.
 */
final class Listed {
  /** Series at most. */
  static final int MOST = OpenMigrations.ENDED_KEPT;

  private static final String INFO = "fermata_migration_info";
  private static final String DROPPED = "fermata_info_series_dropped";

  private final OpenMigrations open;

  Listed(OpenMigrations open) {
    this.open = open;
  }

  void show(Instruments instruments) {
    instruments.read(
        new Gauges(this::look)
            .gauge(
                INFO,
                "The newest migrations; at most " + MOST + " of them.",
                "migration",
                "vm",
                "source",
                "destination",
                "phase",
                "outcome")
            .gauge(DROPPED, "Migrations under way that are not in fermata_migration_info."));
  }

  private void look(Readings readings) {
    List<Migration> newest =
        open.open().stream()
            .sorted(Comparator.comparingLong(Migration::created).reversed())
            .toList();
    newest.stream().limit(MOST).forEach(m -> put(readings, m));
    open.ended().stream().limit(Math.max(0, MOST - newest.size())).forEach(m -> put(readings, m));
    readings.put(DROPPED, Math.max(0, newest.size() - MOST));
  }

  private static void put(Readings readings, Migration m) {
    Outcome outcome = m.outcome();
    readings.put(
        INFO,
        1,
        m.id().value(),
        m.order().vm(),
        m.order().source().value(),
        m.order().destination().value(),
        Instruments.label(m.phase()),
        outcome == null ? "" : Instruments.label(outcome));
  }
}
