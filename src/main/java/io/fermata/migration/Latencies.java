package io.fermata.migration;

import io.fermata.device.Hop;
import io.fermata.handover.message.HopReport;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;

/**
 * How long hops usually take, learned from migrations that are over: for each profile of a device
 * and each hop the last {@value #KEPT} of them, for {@value #MOST} of these at most. What a
 * blackout takes besides its slowest hops and its bytes, such as round trips and two disks, is
 * learned too.
 *
 * <p>Nobody waits for anybody in here: it is written on the loop's thread.
 */
public final class Latencies {
  /** With fewer nothing is typical yet. */
  static final int LEAST = 3;

  private static final int KEPT = 256;
  private static final int MOST = 512;
  private static final double MEDIAN = 0.5;
  private static final double RARE = 0.99;
  private static final double NANOS_PER_MILLI = 1e6;

  private final ConcurrentMap<Kind, Ring> hops = new ConcurrentHashMap<>();
  private final Ring rest = new Ring();

  private record Kind(String profile, Hop hop) {}

  /**
   * What is usual.
   *
   * @param n how many were seen
   */
  public record Typical(double p50Millis, double p99Millis, int n) {}

  /** The newest values, in no order. A reader may miss one that comes just now. */
  private static final class Ring {
    private final AtomicLongArray nanos = new AtomicLongArray(KEPT);
    private final AtomicInteger seen = new AtomicInteger();

    void add(long value) {
      int at = seen.getAndUpdate(n -> n == Integer.MAX_VALUE ? KEPT : n + 1);
      nanos.set(at % KEPT, value);
    }

    long[] sorted() {
      long[] values = new long[Math.min(KEPT, seen.get())];
      for (int i = 0; i < values.length; i++) {
        values[i] = nanos.get(i);
      }
      Arrays.sort(values);
      return values;
    }
  }

  /**
   * Takes in what one side reported.
   *
   * @param profile of a device by its name; empty where nobody knows it any more
   */
  public void learn(List<HopReport> reports, Function<String, Optional<String>> profile) {
    for (HopReport report : reports) {
      long nanos = report.endNanos() - report.startNanos();
      if (report.outcome() == HopReport.Outcome.DONE && nanos >= 0) {
        profile
            .apply(report.device().value())
            .ifPresent(known -> add(new Kind(known, report.requested()), nanos));
      }
    }
  }

  /** A blackout that went through, and how long its bytes should have taken on the link. */
  public void learn(Migration succeeded, long copyNanos) {
    Migration.Blackout blackout = succeeded.blackout();
    if (blackout != null) {
      long slowest = succeeded.gates().stream().mapToLong(Gate::slowestNanos).sum();
      rest.add(Math.max(0, blackout.totalNanos() - slowest - copyNanos));
    }
  }

  private void add(Kind kind, long nanos) {
    Ring ring = hops.get(kind);
    if (ring == null && hops.size() < MOST) {
      ring = hops.computeIfAbsent(kind, k -> new Ring());
    }
    if (ring != null) {
      ring.add(nanos);
    }
  }

  /** What a hop of such a device usually takes; empty as long as too few were seen. */
  public Optional<Typical> typical(String profile, Hop hop) {
    Ring ring = hops.get(new Kind(profile, hop));
    long[] sorted = ring == null ? new long[0] : ring.sorted();
    return sorted.length < LEAST
        ? Optional.empty()
        : Optional.of(new Typical(at(sorted, MEDIAN), at(sorted, RARE), sorted.length));
  }

  /**
   * How long the slowest of so many such devices is likely to take, in milliseconds: of n values
   * the largest lies about where n of n + 1 are below.
   */
  Optional<Double> slowestOf(int devices, String profile, Hop hop) {
    Ring ring = hops.get(new Kind(profile, hop));
    long[] sorted = ring == null ? new long[0] : ring.sorted();
    return sorted.length < LEAST
        ? Optional.empty()
        : Optional.of(at(sorted, devices / (devices + 1.0)));
  }

  /** What a blackout takes besides hops and bytes, in milliseconds. */
  Optional<Double> restMillis() {
    long[] sorted = rest.sorted();
    return sorted.length < LEAST ? Optional.empty() : Optional.of(at(sorted, MEDIAN));
  }

  private static double at(long[] sorted, double share) {
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.clamp(index, 0, sorted.length - 1)] / NANOS_PER_MILLI;
  }
}
