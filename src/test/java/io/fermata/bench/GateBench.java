package io.fermata.bench;

import io.fermata.bench.Agents.Devices;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Gate;
import io.fermata.migration.Migration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the gates cost over the slowest device's hop. Every agent is the source of one set and the
 * destination of its neighbour's; with four agents the devices are shared out over four sets that
 * move at once. The serial baseline is the sum of the same hops, one device after another.
 *
 * <p>Arguments: agents, milliseconds of each hop, device counts, bytes of each device.
 */
public final class GateBench {
  private static final int WARM = 40;
  private static final int ROUNDS = 60;
  private static final int BYTES_MIN = 4096;

  private GateBench() {}

  public static void main(String[] args) throws Exception {
    int agentCount = Integer.parseInt(args[0]);
    Duration hop = Duration.ofMillis(Long.parseLong(args[1]));
    int[] counts = Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray();
    long bytes = Math.max(BYTES_MIN, Long.parseLong(args[3]));
    int sets = agentCount == 2 ? 1 : agentCount;
    Path folder = Files.createTempDirectory("fermata-bench-");
    try (Agents agents = new Agents(folder)) {
      for (int a = 0; a < agentCount; a++) {
        agents.start("host-" + a, devices(a, sets, counts, hop, bytes), List.of());
      }
      try (Moves moves = new Moves(agents, folder)) {
        for (int count : counts) {
          measure(moves, new Plan(agentCount, sets, count, hop));
        }
      }
    }
    System.exit(0);
  }

  private record Plan(int agents, int sets, int devices, Duration hop) {
    String vm(int set) {
      return "vm-" + devices + "-" + set;
    }

    String where(int set, int round) {
      return "host-" + (set + round) % agents;
    }
  }

  private static List<Devices> devices(
      int agent, int sets, int[] counts, Duration hop, long bytes) {
    List<Devices> all = new ArrayList<>();
    for (int count : counts) {
      for (int set = 0; set < sets; set++) {
        int own = Math.max(1, count / sets);
        String name = "d" + count + "s" + set + "n";
        Devices each = new Devices(name, own, "vm-" + count + "-" + set, hop, bytes);
        all.add(set == agent ? each : each.free());
      }
    }
    return all;
  }

  private static void measure(Moves moves, Plan plan) {
    int slow = plan.hop().toMillis() >= 50 || plan.devices() >= 200 ? 2 : 1;
    Map<Gate.Name, List<Double>> over = new EnumMap<>(Gate.Name.class);
    Map<Gate.Name, List<Double>> whole = new EnumMap<>(Gate.Name.class);
    for (int round = 0; round < (WARM + ROUNDS) / slow; round++) {
      List<MigrationId> ids = new ArrayList<>();
      for (int set = 0; set < plan.sets(); set++) {
        ids.add(moves.begin(plan.vm(set), plan.where(set, round), plan.where(set, round + 1)));
      }
      for (MigrationId id : ids) {
        Migration moved = moves.end(id);
        if (round >= WARM / slow) {
          moved.gates().forEach(gate -> note(gate, over, whole));
        }
      }
    }
    over.forEach((gate, samples) -> tell(plan, gate, samples, whole.get(gate)));
  }

  private static void note(
      Gate gate, Map<Gate.Name, List<Double>> over, Map<Gate.Name, List<Double>> whole) {
    if (gate.name() != Gate.Name.LOADED) {
      over.computeIfAbsent(gate.name(), n -> new ArrayList<>())
          .add((gate.elapsedNanos() - gate.slowestNanos()) / 1e6);
      whole.computeIfAbsent(gate.name(), n -> new ArrayList<>()).add(gate.elapsedNanos() / 1e6);
    }
  }

  private static void tell(Plan plan, Gate.Name gate, List<Double> over, List<Double> whole) {
    String name =
        "gate %s over its slowest hop, %d devices, %d agent(s), %d ms"
            .formatted(gate, plan.devices(), plan.sets(), plan.hop().toMillis());
    double serial = plan.devices() * (double) plan.hop().toMillis();
    String baseline =
        serial == 0
            ? "-"
            : "serial %.0f ms: x%.1f".formatted(serial, serial / Figure.at(50, whole));
    boolean budget = plan.devices() == 17 && plan.sets() == 1;
    boolean large = plan.devices() == 256 && plan.sets() == 4;
    Figure.of(name + ", p50", 50, over, "ms", baseline, "-").tell();
    String target = budget ? "<= 3" : large ? "<= 15" : "-";
    Figure.of(name + ", p99", 99, over, "ms", baseline, target).tell();
  }
}
