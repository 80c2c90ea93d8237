package io.fermata.bench;

import io.fermata.bench.Agents.Devices;
import io.fermata.migration.Gate;
import io.fermata.migration.Migration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The blackout over its lower bound: slowest quiesce + freeze + load + thaw + run, and the bytes at
 * the rate that the agents' own streams reach with as many devices: the best of the run. Before
 * that rate is known, with next to no bytes, only the hops count.
 */
public final class BlackoutBench {
  private static final int DEVICES = 17;
  private static final Duration HOP = Duration.ofMillis(5);

  private BlackoutBench() {}

  public static void main(String[] args) throws Exception {
    run("4 KiB", 4096, 40, 60);
    run("64 MiB", 64L << 20, 2, 5);
    run("1 GiB", 1L << 30, 1, 2);
    System.exit(0);
  }

  private static void run(String size, long bytes, int warm, int rounds) throws Exception {
    Path folder = Files.createTempDirectory("fermata-bench-");
    Devices set = new Devices("d", DEVICES, "vm-1", HOP, bytes);
    List<Double> over = new ArrayList<>();
    List<Double> rate = new ArrayList<>();
    List<Migration> moved = new ArrayList<>();
    try (Agents agents = new Agents(folder)) {
      agents.start("host-0", List.of(set), List.of());
      agents.start("host-1", List.of(set.free()), List.of());
      try (Moves moves = new Moves(agents, folder)) {
        for (int i = 0; i < warm + rounds; i++) {
          Migration m = moves.end(moves.begin("vm-1", "host-" + i % 2, "host-" + (i + 1) % 2));
          if (i >= warm) {
            moved.add(m);
          }
        }
      }
    }
    for (Migration m : moved) {
      rate.add(DEVICES * (double) bytes / copyNanos(m));
    }
    double best = rate.stream().mapToDouble(r -> r).max().orElse(1);
    for (Migration m : moved) {
      double bound = hops(m) + DEVICES * (double) bytes / best;
      over.add((m.blackout().totalNanos() - bound) / 1e6);
    }
    double total = Figure.at(50, moved.stream().map(m -> m.blackout().totalNanos() / 1e6).toList());
    String whole = "whole %.0f ms, %.2f GB/s".formatted(total, Figure.at(50, rate));
    String name = "blackout over its lower bound, 17 devices of " + size;
    Figure.of(name + ", p50", 50, over, "ms", whole, "-").tell();
    Figure.of(name + ", p99", 99, over, "ms", whole, "<= 5").tell();
    List<Double> seals = moved.stream().map(m -> m.blackout().commitNanos() / 1e6).toList();
    Figure.of("  of it the seal, one sync of the slate, " + size, 50, seals, "ms", "-", "-").tell();
  }

  private static double copyNanos(Migration m) {
    return Math.max(1, m.blackout().copyNanos() - slowest(m, Gate.Name.LOADED));
  }

  private static double hops(Migration m) {
    return m.gates().stream().mapToLong(Gate::slowestNanos).sum();
  }

  private static long slowest(Migration m, Gate.Name name) {
    return m.gates().stream()
        .filter(g -> g.name() == name)
        .mapToLong(Gate::slowestNanos)
        .findFirst()
        .orElse(0);
  }
}
