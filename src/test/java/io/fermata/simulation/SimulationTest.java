package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many seeds of the simulated world. {@code -Dfermata.simulation.seed=N} runs that one alone;
 * {@code -Dfermata.simulation.seconds=N} says for how long new seeds are tried.
 */
class SimulationTest {
  private static final long FIRST = Long.getLong("fermata.simulation.first", 1);
  private static final long SECONDS = Long.getLong("fermata.simulation.seconds", 40);

  @Test
  void whateverFailsEveryInvariantHolds() {
    Long only = Long.getLong("fermata.simulation.seed");
    if (only != null) {
      System.out.println(Simulation.run(only));
      return;
    }
    Totals totals = new Totals();
    long end = System.nanoTime() + SECONDS * World.SECOND;
    for (long seed = FIRST; System.nanoTime() < end; seed++) {
      totals.add(Simulation.run(seed));
    }
    totals.print();
    assertTrue(totals.outcomes.getOrDefault("SUCCEEDED", 0) > totals.seeds, "too few succeed");
  }

  @Test
  void theSameSeedGivesTheSameTrace() {
    for (long seed = 1; seed <= 10; seed++) {
      assertEquals(Simulation.run(seed), Simulation.run(seed));
    }
  }

  @Test
  void anotherMachineGivesTheSameTrace() throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var builder =
        new ProcessBuilder(
            java.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TraceHash.class.getName(),
            "3",
            "4",
            "5");
    Process other = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> hashes;
    try (var lines = other.inputReader()) {
      hashes = lines.lines().filter(line -> line.startsWith("hash ")).toList();
    }
    List<String> here =
        LongStream.rangeClosed(3, 5)
            .mapToObj(seed -> "hash " + seed + " " + Simulation.run(seed).hash())
            .toList();
    assertEquals(here, hashes);
  }

  private static final class Totals {
    private final long began = System.nanoTime();
    private final Map<Fault, Long> faults = new TreeMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int seeds;
    private long events;
    private long nanos;
    private long orders;

    void add(Simulation.Result result) {
      seeds++;
      events += result.events();
      nanos += result.nanos();
      orders += result.orders();
      result.faults().forEach((fault, times) -> faults.merge(fault, times, Long::sum));
      result.outcomes().forEach((word, times) -> outcomes.merge(word, times, Integer::sum));
    }

    void print() {
      double seconds = (System.nanoTime() - began) / 1e9;
      System.out.printf(
          "%d seeds, %.1f simulated hours, %d orders, %d faults, %.0f events/s, %.1f seeds/s%n",
          seeds,
          nanos / 3.6e12,
          orders,
          faults.values().stream().mapToLong(Long::longValue).sum(),
          events / seconds,
          seeds / seconds);
      System.out.println(outcomes);
      System.out.println(faults);
    }
  }
}
