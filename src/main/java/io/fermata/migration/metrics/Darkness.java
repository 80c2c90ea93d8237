package io.fermata.migration.metrics;

import static io.fermata.metrics.Instruments.label;

import io.fermata.fleet.Fleet;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.HopReport;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.Instruments;
import io.fermata.migration.BarrierBreach;
import io.fermata.migration.Estimate;
import io.fermata.migration.Failure;
import io.fermata.migration.Latencies;
import io.fermata.migration.Migration;
import io.fermata.migration.Migration.Blackout;
import io.fermata.migration.Note;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Outcome;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What a blackout cost, and whether its barrier held. Read from the records when the migration has
 * ended; on the loop's thread, but never while that migration's guest is dark.
 */
final class Darkness {
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private final Fleet fleet;
  private final Latencies learned;
  private final Gatekeeping gates;
  private final Distribution guests;
  private final Distribution devices;
  private final Distribution parts;
  private final Counter exceeded;
  private final Distribution budgetRatio;
  private final Distribution estimateRatio;
  private final Counter violations;
  private final Distribution sets;
  private final Map<MigrationId, Estimate> estimates = new HashMap<>();

  Darkness(Instruments instruments, Fleet fleet, Latencies learned) {
    this.fleet = fleet;
    this.learned = learned;
    gates = new Gatekeeping(instruments, fleet);
    guests =
        instruments.histogram(
            Buckets.BLACKOUT,
            "fermata_guest_blackout_seconds",
            "From pausing the guest's vCPUs to the word that they run: by the agents' clocks where"
                + " an agent paused them, else as the orchestrator saw it; never too short.",
            "outcome");
    devices =
        instruments.histogram(
            Buckets.BLACKOUT,
            "fermata_device_blackout_seconds",
            "From the first device that was quiesced to the last that ran again, by the agents'"
                + " clocks.",
            "outcome");
    parts =
        instruments.histogram(
            Buckets.BLACKOUT,
            "fermata_blackout_part_seconds",
            "Parts of the guest's blackout, which add up to it.",
            "part");
    exceeded =
        instruments.counter(
            "fermata_blackout_budget_exceeded_total",
            "Blackouts longer than their budget, and whether they were aborted.",
            "action");
    budgetRatio =
        instruments.histogram(
            Buckets.RATIO,
            "fermata_blackout_budget_ratio",
            "Blackout over budget, 1 is the whole.");
    estimateRatio =
        instruments.histogram(
            Buckets.RATIO,
            "fermata_blackout_estimate_ratio",
            "Blackout over what was estimated at the start.",
            "basis");
    violations =
        instruments.counter(
            "fermata_barrier_violations_total",
            "Hops that the agents reported and the barrier forbids.",
            "rule");
    sets = instruments.histogram(Buckets.SET, "fermata_set_devices", "Devices per migration.");
    List.of("aborted", "completed_late").forEach(exceeded::initLabelValues);
    Stream.of(BarrierBreach.Rule.values())
        .map(Instruments::label)
        .forEach(violations::initLabelValues);
  }

  void began(Migration m) {
    sets.labelValues().observe(m.order().devices().size());
    fleet
        .host(m.order().source())
        .map(source -> Estimate.of(m.order(), source, learned))
        .filter(estimate -> estimate.totalMillis() != null)
        .ifPresent(estimate -> estimates.put(m.id(), estimate));
  }

  void moved(Migration before, Migration after, Note.Moved moved) {
    gates.moved(before, after, moved);
  }

  void lost(MigrationId id) {
    estimates.remove(id);
  }

  void ended(Migration m, Onlooker.Sides sides) {
    Estimate estimate = estimates.remove(m.id());
    Outcome outcome = m.outcome();
    if (m.darkSince() == 0 || outcome == null) {
      return;
    }
    List<HopReport> source = sides.on(Side.SOURCE).hops();
    List<HopReport> destination = sides.on(Side.DESTINATION).hops();
    Stream.concat(
            BarrierBreach.atSource(source).stream(),
            BarrierBreach.atDestination(destination).stream())
        .forEach(breach -> violations.labelValues(label(breach.rule())).inc());
    gates.ended(m);
    DeviceBlackout.seconds(outcome, sides)
        .ifPresent(seconds -> devices.labelValues(label(outcome)).observe(seconds, of(m)));
    Blackout blackout = m.blackout();
    if (blackout != null) {
      double felt = GuestBlackout.seconds(outcome, sides).orElse(blackout.totalNanos() / NANOS);
      guests.labelValues(label(outcome)).observe(felt, of(m));
      parts(m, blackout, DeviceBlackout.lastLoadNanos(destination));
      if (estimate != null && outcome == Outcome.SUCCEEDED) {
        estimated(estimate, blackout);
      }
    }
    budget(m, blackout == null ? OptionalDouble.empty() : seconds(blackout));
  }

  private static OptionalDouble seconds(Blackout blackout) {
    return OptionalDouble.of(blackout.totalNanos() / NANOS);
  }

  private static String of(Migration m) {
    return m.id().value();
  }

  /** The copy ends with the slowest device's load; parts that were never reached are no zeros. */
  private void parts(Migration m, Blackout blackout, long lastLoadNanos) {
    boolean loaded = blackout.commitNanos() > 0;
    long load = loaded ? Math.min(lastLoadNanos, blackout.copyNanos()) : 0;
    part(m, "quiesce", blackout.quiesceNanos());
    part(m, "stop", blackout.stopNanos());
    part(m, "copy", blackout.copyNanos() - load);
    part(m, "load", load);
    part(m, "commit", blackout.commitNanos());
    part(m, "resume", blackout.resumeNanos());
  }

  private void part(Migration m, String part, long nanos) {
    if (nanos > 0) {
      parts.labelValues(part).observe(nanos / NANOS, of(m));
    }
  }

  private void estimated(Estimate estimate, Blackout blackout) {
    Long meant = estimate.totalMillis();
    if (meant != null && meant > 0) {
      double ratio = blackout.totalNanos() / NANOS * MILLIS / meant;
      estimateRatio.labelValues(estimate.basis()).observe(ratio);
    }
  }

  /** Where nobody measured the end, as after an operator's decision, the journal's times count. */
  private void budget(Migration m, OptionalDouble measured) {
    double budget = m.order().blackoutBudgetMillis() / MILLIS;
    if (budget <= 0) {
      return;
    }
    double seconds = measured.orElse((m.phaseSince() - m.darkSince()) / MILLIS);
    Failure failure = m.failure();
    boolean aborted = failure != null && failure.code() == Failure.Code.BUDGET_EXCEEDED;
    budgetRatio.labelValues().observe(seconds / budget, of(m));
    if (aborted || seconds > budget) {
      exceeded.labelValues(m.outcome() == Outcome.ROLLED_BACK ? "aborted" : "completed_late").inc();
    }
  }
}
