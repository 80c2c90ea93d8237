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
    run(1, 400, 200);
    run(64, 80, 40);
    System.exit(0);
  }

  private static void run(int sets, int warm, int measured) throws Exception {
    Path folder = Files.createTempDirectory("fermata-bench-");
    try (Agents agents = new Agents(folder)) {
      List<Devices> all = new ArrayList<>();
      for (int i = 0; i < sets; i++) {
        all.add(new Devices("s" + i + "n", DEVICES, "vm-" + i, Duration.ZERO, BYTES));
      }
      agents.start("host-0", all, List.of());
      agents.start("host-1", all.stream().map(Devices::free).toList(), List.of());
      try (Moves moves = new Moves(agents, folder)) {
        rounds(moves, sets, warm, measured);
      }
    }
  }

  /** All sets are on one host and move to the other; each look at both serves all of a round. */
  private static void rounds(Moves moves, int flight, int warm, int measured) {
    List<Double> rates = new ArrayList<>();
    for (int round = 0; round < warm + measured; round++) {
      long start = System.nanoTime();
      moves.look("host-0", "host-1");
      List<MigrationId> ids = new ArrayList<>();
      for (int i = 0; i < flight; i++) {
        ids.add(moves.beginAsSeen("vm-" + i, "host-" + round % 2, "host-" + (round + 1) % 2));
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
  }
}
