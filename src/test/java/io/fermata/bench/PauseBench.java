package io.fermata.bench;

import io.fermata.bench.Agents.Devices;
import io.fermata.migration.Migration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long the collector holds up either role while sets move, and what the guests feel of it. The
 * pauses are what the JVMs themselves wrote down of their safepoints, in {@code LOGS}; each number
 * is that of one collector, and whoever starts this gives it to all three processes.
 */
final class PauseBench {
  /** Where {@code -Xlog:safepoint} of every process goes, by process number. */
  static final Path LOGS = Path.of("target", "bench", "safepoints");

  private static final Pattern PAUSE = Pattern.compile("Safepoint \"(\\w+)\".*Total:\\s+(\\d+) ns");
  private static final int DEVICES = 17;
  private static final int WARM = 20;
  private static final int ROUNDS = 80;
  private static final long BYTES = 1 << 20;

  private PauseBench() {}

  public static void main(String[] args) throws Exception {
    String collector = args[0];
    Path folder = Files.createTempDirectory("fermata-bench-");
    Devices set = new Devices("d", DEVICES, "vm-1", Duration.ofMillis(1), BYTES);
    List<Double> dark = new ArrayList<>();
    try (Agents agents = new Agents(folder)) {
      agents.start("host-0", List.of(set), List.of());
      agents.start("host-1", List.of(set.free()), List.of());
      try (Moves moves = new Moves(agents, folder)) {
        for (int i = 0; i < WARM + ROUNDS; i++) {
          Migration m = moves.end(moves.begin("vm-1", "host-" + i % 2, "host-" + (i + 1) % 2));
          if (i >= WARM) {
            dark.add(m.blackout().totalNanos() / 1e6);
          }
        }
      }
    }
    String own = ProcessHandle.current().pid() + ".log";
    tell(collector, "orchestrator", pauses(file -> file.endsWith(own)));
    tell(collector, "agents", pauses(file -> !file.endsWith(own)));
    String spread = "p99 %.1f ms".formatted(Figure.at(99, dark));
    Figure.of("blackout with " + collector + ", 17 devices of 1 MiB", 50, dark, "ms", spread, "-")
        .tell();
    System.exit(0);
  }

  private static void tell(String collector, String role, List<Double> pauses) {
    String count = pauses.size() + " pauses, longest %.2f ms".formatted(Figure.at(100, pauses));
    Figure.of("pause of the " + role + " with " + collector + ", p99", 99, pauses, "ms", count, "-")
        .tell();
  }

  private interface Names {
    boolean take(String file);
  }

  /** Of collections alone, in milliseconds. */
  private static List<Double> pauses(Names names) throws IOException {
    List<Double> found = new ArrayList<>();
    try (Stream<Path> logs = Files.list(LOGS)) {
      logs.filter(log -> names.take(log.toString())).forEach(log -> read(log, found));
    }
    return found.isEmpty() ? List.of(0.0) : found;
  }

  private static void read(Path log, List<Double> into) {
    try (Stream<String> lines = Files.lines(log)) {
      lines
          .map(PAUSE::matcher)
          .filter(pause -> pause.find() && collects(pause.group(1)))
          .forEach(pause -> into.add(Long.parseLong(pause.group(2)) / 1e6));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The others (deoptimisation, class loading) are there with every collector. */
  private static boolean collects(String operation) {
    return operation.startsWith("G1") || operation.startsWith("Z");
  }
}
