package io.fermata.migration;

import java.util.Map;
import java.util.TreeMap;

/**
 * The orchestrator's times and limits.
 *
 * @param deadlines how long a phase may take before it is given up by itself, in milliseconds
 * @param leaseMillis the lease of every claim: a source that hears nothing for so long walks back
 * @param pollMillis how often agents are asked while nothing but time passes
 * @param retryMillis pause before a failed or refused request is repeated
 * @param maxActive migrations that may be under way at once; the others wait
 * @param silenceMillis how long a host may answer nothing before a migration that is not sealed
 *     turns back; at least a lease, within which a host takes a short cut for nothing
 * @param convergenceMillis pre-copy that sends for so long and never has less left than before
 *     gains nothing any more: it counts as done
 */
public record Terms(
    Map<Phase, Long> deadlines,
    long leaseMillis,
    long pollMillis,
    long retryMillis,
    int maxActive,
    long silenceMillis,
    long convergenceMillis) {
  private static final long USUAL_SILENCE = 10_000;
  private static final long USUAL_CONVERGENCE = 10_000;
  private static final Map<Phase, Long> DEFAULTS =
      Map.of(
          Phase.CHECKING, 30_000L,
          Phase.PREPARING, 30_000L,
          Phase.PRECOPYING, 3_600_000L,
          Phase.QUIESCING, 5_000L,
          Phase.FREEZING, 5_000L,
          Phase.COPYING, 60_000L,
          Phase.SEALING, 5_000L,
          Phase.RESUMING, 10_000L,
          Phase.CLEANING, 60_000L,
          Phase.ROLLING_BACK, 30_000L);

  public Terms {
    Map<Phase, Long> all = new TreeMap<>(DEFAULTS);
    all.putAll(deadlines);
    deadlines = Map.copyOf(all);
    if (leaseMillis <= 0 || pollMillis <= 0 || retryMillis <= 0 || maxActive <= 0) {
      throw new IllegalArgumentException(
          "fermata.migration: lease, poll, retry and max-active must be above 0");
    }
    if (pollMillis * 3 > leaseMillis) {
      throw new IllegalArgumentException(
          "fermata.migration.lease must be at least three times fermata.migration.poll");
    }
    if (silenceMillis < leaseMillis) {
      throw new IllegalArgumentException(
          "fermata.migration.silence must be at least fermata.migration.lease");
    }
    if (convergenceMillis < pollMillis) {
      throw new IllegalArgumentException(
          "fermata.migration.convergence-window must be at least fermata.migration.poll");
    }
    if (all.values().stream().anyMatch(millis -> millis <= 0)) {
      throw new IllegalArgumentException("fermata.migration.deadlines must be above 0");
    }
  }

  /** The same with the usual patience, or a lease or a poll where that is longer. */
  public Terms(
      Map<Phase, Long> deadlines,
      long leaseMillis,
      long pollMillis,
      long retryMillis,
      int maxActive) {
    this(
        deadlines,
        leaseMillis,
        pollMillis,
        retryMillis,
        maxActive,
        Math.max(USUAL_SILENCE, leaseMillis),
        Math.max(USUAL_CONVERGENCE, pollMillis));
  }

  /** The usual terms. */
  public static Terms usual() {
    return new Terms(Map.of(), 3_000, 200, 200, 10_000);
  }

  /** The deadline of a phase; a phase without one never ends by itself. */
  public long deadlineMillis(Phase phase) {
    return deadlines.getOrDefault(phase, Long.MAX_VALUE / 4);
  }
}
