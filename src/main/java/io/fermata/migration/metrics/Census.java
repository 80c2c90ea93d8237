package io.fermata.migration.metrics;

import static io.fermata.metrics.Instruments.label;

import io.fermata.metrics.Gauges;
import io.fermata.metrics.Gauges.Readings;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Intake;
import io.fermata.migration.Limits;
import io.fermata.migration.Migration;
import io.fermata.migration.Moment;
import io.fermata.migration.Phase;
import io.fermata.migration.Terms;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Where the open migrations stand at the moment of a scrape: how many in each phase, for how long,
 * who waits, whose guest is dark.
 */
final class Census {
  private static final String IN_PHASE = "fermata_migrations";
  private static final String OLDEST = "fermata_oldest_in_phase_seconds";
  private static final String DEADLINE = "fermata_phase_deadline_seconds";
  private static final String QUEUE = "fermata_queue_depth";
  private static final String QUEUE_AGE = "fermata_queue_oldest_age_seconds";
  private static final String DARK = "fermata_blackout_active";
  private static final String DARK_OLDEST = "fermata_blackout_oldest_seconds";
  private static final String OVERRUN = "fermata_blackout_overrun_seconds";
  private static final String LIMIT = "fermata_concurrency_limit";
  private static final String IN_USE = "fermata_concurrency_in_use";
  private static final String OWNED = "fermata_owned_migrations";
  private static final String PAUSED = "fermata_admission_paused";
  private static final double MILLIS = 1e3;

  /** Nothing is ever seen in DONE: what gets there has ended. */
  private static final List<Phase> PHASES =
      Arrays.stream(Phase.values()).filter(phase -> phase != Phase.DONE).toList();

  private final OpenMigrations open;
  private final Moment moment;
  private final Terms terms;
  private volatile GivenOut given;

  private record GivenOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {}

  Census(OpenMigrations open, Moment moment, Terms terms) {
    this.open = open;
    this.moment = moment;
    this.terms = terms;
    this.given = new GivenOut(Limits.ofCluster(terms.maxActive()), Intake.OPEN, Map.of());
  }

  /** What was told last; on the loop's thread. */
  void gaveOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {
    given = new GivenOut(limits, intake, fullest);
  }

  void show(Instruments instruments) {
    instruments.read(
        new Gauges(this::look)
            .gauge(IN_PHASE, "Migrations now in that phase.", "phase")
            .gauge(OLDEST, "How long the oldest has been in that phase; 0 if none is.", "phase")
            .gauge(DEADLINE, "After which a phase is given up by itself.", "phase")
            .gauge(QUEUE, "Migrations that wait for a place.", "priority")
            .gauge(QUEUE_AGE, "How long the oldest waits for a place; 0 if none.", "priority")
            .gauge(DARK, "Migrations whose guest may be dark now.")
            .gauge(DARK_OLDEST, "The longest blackout under way; 0 if none.")
            .gauge(OVERRUN, "The worst blackout under way beyond its budget; 0 if none.")
            .gauge(LIMIT, "How many may hold that at once.", "scope")
            .gauge(IN_USE, "How many hold that; at the host with the most.", "scope")
            .gauge(PAUSED, "1 while an operator lets nothing start.")
            .gauge(OWNED, "Open migrations that this process drives."));
  }

  private void look(Readings readings) {
    long now = moment.epochMillis();
    List<Migration> all = List.copyOf(open.open());
    for (Phase phase : PHASES) {
      List<Migration> there = all.stream().filter(m -> m.phase() == phase).toList();
      readings.put(IN_PHASE, there.size(), label(phase));
      readings.put(OLDEST, oldest(there, now), label(phase));
      Long deadline = terms.deadlines().get(phase);
      if (deadline != null) {
        readings.put(DEADLINE, deadline / MILLIS, label(phase));
      }
    }
    List<Migration> waiting = all.stream().filter(m -> m.phase() == Phase.QUEUED).toList();
    for (String priority : Course.priorities()) {
      List<Migration> there =
          waiting.stream().filter(m -> Course.priority(m).equals(priority)).toList();
      readings.put(QUEUE, there.size(), priority);
      readings.put(QUEUE_AGE, oldest(there, now), priority);
    }
    GivenOut last = given;
    for (Limits.Scope scope : Limits.Scope.values()) {
      readings.put(LIMIT, last.limits().of(scope), scope.word());
      readings.put(IN_USE, last.fullest().getOrDefault(scope, 0), scope.word());
    }
    readings.put(PAUSED, last.intake().pausedAt(now) ? 1 : 0);
    readings.put(OWNED, all.size());
    dark(readings, all, now);
  }

  private static void dark(Readings readings, Collection<Migration> all, long now) {
    List<Migration> dark = all.stream().filter(OpenMigrations::dark).toList();
    readings.put(DARK, dark.size());
    long longest = dark.stream().mapToLong(m -> now - m.darkSince()).max().orElse(0);
    readings.put(DARK_OLDEST, Math.max(0, longest) / MILLIS);
    long worst =
        dark.stream()
            .filter(m -> m.order().blackoutBudgetMillis() > 0)
            .mapToLong(m -> now - m.darkSince() - m.order().blackoutBudgetMillis())
            .max()
            .orElse(0);
    readings.put(OVERRUN, Math.max(0, worst) / MILLIS);
  }

  private static double oldest(List<Migration> there, long now) {
    long longest = there.stream().mapToLong(m -> now - m.phaseSince()).max().orElse(0);
    return Math.max(0, longest) / MILLIS;
  }
}
