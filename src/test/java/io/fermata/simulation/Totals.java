package io.fermata.simulation;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What many seeds came to. */
final class Totals {
  private final long began = System.nanoTime();
  private final Map<Fault, Long> faults = new TreeMap<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private int seeds;
  private long events;
  private long nanos;
  private long orders;

  synchronized void add(Simulation.Result result) {
    seeds++;
    events += result.events();
    nanos += result.nanos();
    orders += result.orders();
    result.faults().forEach((fault, times) -> faults.merge(fault, times, Long::sum));
    result.outcomes().forEach((word, times) -> outcomes.merge(word, times, Integer::sum));
  }

  synchronized int seeds() {
    return seeds;
  }

  /** How many migrations ended so, whatever happened on the way. */
  synchronized int ended(String outcome) {
    return outcomes.entrySet().stream()
        .filter(e -> e.getKey().equals(outcome) || e.getKey().startsWith(outcome + " "))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** How often a fault struck. */
  synchronized long struck(Fault fault) {
    return faults.getOrDefault(fault, 0L);
  }

  @Override
  public synchronized String toString() {
    double seconds = (System.nanoTime() - began) / 1e9;
    long all = faults.values().stream().mapToLong(Long::longValue).sum();
    return String.format(
            Locale.ROOT,
            "%d seeds in %.0f s, %.1f simulated hours, %d orders, %d faults, %.0f events/s,"
                + " %.1f seeds/s%n",
            seeds,
            seconds,
            nanos / 3.6e12,
            orders,
            all,
            events / seconds,
            seeds / seconds)
        + outcomes
        + System.lineSeparator()
        + faults;
  }
}
