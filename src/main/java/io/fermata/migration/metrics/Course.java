package io.fermata.migration.metrics;

import static io.fermata.metrics.Instruments.label;

import io.fermata.handover.MigrationId;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Failure;
import io.fermata.migration.Migration;
import io.fermata.migration.Note;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Priority;
import io.fermata.migration.Trigger;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How migrations begin, go from phase to phase, turn back and end. On the loop's thread. */
final class Course {
  private static final double MILLIS = 1e3;
  private static final String NONE = "none";
  private static final List<String> TRIGGERS = List.of("api", "retry", "drain", "policy");
  private static final List<String> PRIORITIES =
      Arrays.stream(Priority.values()).map(Priority::word).toList();

  /**
   * Phases that are timed here. Those in the blackout are the blackout's parts and gates, with
   * finer buckets; waiting in the queue has its own histogram.
   */
  private static final Set<Phase> TIMED =
      EnumSet.of(
          Phase.CHECKING,
          Phase.PREPARING,
          Phase.PRECOPYING,
          Phase.CLEANING,
          Phase.ROLLING_BACK,
          Phase.NEEDS_OPERATOR);

  private final Counter started;
  private final Counter finished;
  private final Distribution durations;
  private final Distribution phases;
  private final Distribution queued;
  private final Counter rollbacks;
  private final Distribution rollbackSeconds;
  private final CounterDataPoint takeovers;
  private final CounterDataPoint conflicts;
  private final Map<MigrationId, Distribution.Point> goingBack = new HashMap<>();

  Course(Instruments instruments) {
    started =
        instruments.counter(
            "fermata_migrations_started_total", "Migrations taken.", "trigger", "priority");
    finished =
        instruments.counter(
            "fermata_migrations_finished_total",
            "Migrations over, by outcome and by what kept them from succeeding.",
            "outcome",
            "reason");
    durations =
        instruments.histogram(
            Buckets.PHASE,
            "fermata_migration_duration_seconds",
            "From the request to the end.",
            "outcome");
    phases =
        instruments.histogram(
            Buckets.PHASE,
            "fermata_phase_duration_seconds",
            "Time in phases outside the blackout.",
            "phase",
            "result");
    queued =
        instruments.histogram(
            Buckets.PHASE, "fermata_queue_wait_seconds", "Time in the queue.", "priority");
    rollbacks =
        instruments.counter(
            "fermata_rollbacks_total",
            "Ways back to the source, by the phase that was given up and why.",
            "from_phase",
            "cause");
    rollbackSeconds =
        instruments.histogram(
            Buckets.PHASE,
            "fermata_rollback_seconds",
            "From the turn back to its end.",
            "from_phase",
            "cause");
    Counter owners =
        instruments.counter(
            "fermata_takeovers_total", "Migrations that got another owner.", "cause");
    takeovers = owners.labelValues("restart");
    Counter lost =
        instruments.counter(
            "fermata_ownership_conflicts_total",
            "Migrations that somebody else wrote while this process held them.",
            "cause");
    conflicts = lost.labelValues("version_check");
    atZero();
  }

  private void atZero() {
    for (String trigger : TRIGGERS) {
      PRIORITIES.forEach(priority -> started.initLabelValues(trigger, priority));
    }
    finished.initLabelValues(label(Outcome.SUCCEEDED), NONE);
    finished.initLabelValues(label(Outcome.CANCELLED), NONE);
    finished.initLabelValues(label(Outcome.CANCELLED), label(Failure.Code.ABORTED));
    finished.initLabelValues(label(Outcome.RESOLVED), NONE);
    for (Outcome outcome : EnumSet.of(Outcome.FAILED, Outcome.ROLLED_BACK, Outcome.RESOLVED)) {
      for (Failure.Code code : Failure.Code.values()) {
        finished.initLabelValues(label(outcome), label(code));
      }
    }
  }

  void began(Migration m) {
    started.labelValues(word(TRIGGERS, m.trigger()), priority(m)).inc();
  }

  void moved(Migration before, Migration after, Note.Moved moved) {
    double seconds = Math.max(0, after.phaseSince() - before.phaseSince()) / MILLIS;
    if (TIMED.contains(moved.from())) {
      phases.labelValues(label(moved.from()), failed(moved) ? "failed" : "passed").observe(seconds);
    }
    if (moved.on() == Trigger.ADMITTED) {
      queued.labelValues(priority(after)).observe(seconds);
    }
    if (moved.from() == Phase.ROLLING_BACK) {
      Distribution.Point back = goingBack.remove(after.id());
      if (back != null) {
        back.observe(seconds, after.id().value());
      }
    }
    if (moved.to() == Phase.ROLLING_BACK) {
      String from = label(moved.from());
      rollbacks.labelValues(from, cause(after)).inc();
      goingBack.put(after.id(), rollbackSeconds.labelValues(from, cause(after)));
    }
  }

  void takenOver() {
    takeovers.inc();
  }

  void ended(Migration m) {
    Outcome outcome = m.outcome();
    if (outcome == null) {
      return;
    }
    String reason = outcome == Outcome.SUCCEEDED ? NONE : cause(m);
    finished.labelValues(label(outcome), reason).inc();
    durations
        .labelValues(label(outcome))
        .observe(Math.max(0, m.phaseSince() - m.created()) / MILLIS, m.id().value());
  }

  void lost(MigrationId id) {
    goingBack.remove(id);
    conflicts.inc();
  }

  private static boolean failed(Note.Moved moved) {
    boolean back = moved.to() == Phase.ROLLING_BACK && moved.from() != Phase.NEEDS_OPERATOR;
    return back || moved.to() == Phase.NEEDS_OPERATOR || moved.on() == Trigger.DROPPED;
  }

  private static String cause(Migration m) {
    Failure failure = m.failure();
    return failure == null ? NONE : label(failure.code());
  }

  static String priority(Migration m) {
    return word(PRIORITIES, m.order().priority());
  }

  private static String word(List<String> known, String given) {
    return known.contains(given) ? given : "other";
  }

  static List<String> priorities() {
    return PRIORITIES;
  }
}
