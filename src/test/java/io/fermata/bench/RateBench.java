package io.fermata.bench;

import io.fermata.bench.Agents.Devices;
import io.fermata.handover.MigrationId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Complete durable migrations per second: sets of 8 devices without latency between two agents, so
 * many in flight. A thousand sets would be 8,000 device threads in each agent of this machine: with
 * so many, {@code FlightBench} measures the orchestrator alone.
 */
public final class RateBench {
  private static final int DEVICES = 8;
  private static final int BYTES = 4096;

  private RateBench() {}

  public static void main(String[] args) throws Exception {
    int sets = 64;
    Path folder = Files.createTempDirectory("fermata-bench-");
    try (Agents agents = new Agents(folder)) {
      List<Devices> all = new ArrayList<>();
      for (int i = 0; i < sets; i++) {
        all.add(new Devices("s" + i + "n", DEVICES, "vm-" + i, Duration.ZERO, BYTES));
      }
      agents.start("host-0", all, List.of());
      agents.start("host-1", all.stream().map(Devices::free).toList(), List.of());
      try (Moves moves = new Moves(agents, folder)) {
        int round = rounds(moves, 1, 20, 0, 40);
        rounds(moves, sets, 2, round, 4);
      }
    }
    System.exit(0);
  }

  private static int rounds(Moves moves, int flight, int warm, int from, int measured) {
    List<Double> rates = new ArrayList<>();
    int round = 0;
    for (; round < warm + measured; round++) {
      long start = System.nanoTime();
      List<MigrationId> ids = new ArrayList<>();
      for (int i = 0; i < flight; i++) {
        int at = i == 0 ? from + round : round; // the first set has moved before
        ids.add(moves.begin("vm-" + i, "host-" + at % 2, "host-" + (at + 1) % 2));
      }
      ids.forEach(moves::end);
      if (round >= warm) {
        rates.add(flight * 1e9 / (System.nanoTime() - start));
      }
    }
    Figure.of(
            "complete durable migrations, 8 devices, " + flight + " in flight",
            50,
            rates,
            "/s",
            "-",
            flight == 1 ? "-" : ">= 250")
        .tell();
    return round;
  }
}
