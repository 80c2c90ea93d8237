package io.fermata.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs every benchmark in a JVM of its own and prints one table; {@code target/bench/results.json}
 * has the same. Called by {@code ./mvnw -Pbench verify}. Figures of a busy machine are worth their
 * ratios only: each stands next to a baseline of the same run.
 *
 * <p>Argument: {@code all}, or names of benchmarks with commas between them.
 */
public final class Benchmarks {
  private static final Path RESULTS = Path.of("target", "bench", "results.json");

  /** A main, its arguments, and the JVM's options where they are not the usual ones. */
  private record Case(String name, String main, List<String> arguments, List<String> options) {
    Case(String name, String main, List<String> arguments) {
      this(name, main, arguments, Jvm.options());
    }

    /** How long that collector stops the roles. */
    static Case pauses(String collector, List<String> options) {
      List<String> all = new ArrayList<>(options);
      all.add("-Xlog:safepoint:file=" + PauseBench.LOGS + "/%p.log");
      return new Case("pauses-" + collector, "bench.PauseBench", List.of(collector), all);
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case("plane", "bench.DataPlaneBench", List.of()),
          new Case("gates-0", "bench.GateBench", List.of("2", "0", "4,17,64,256", "0")),
          new Case("gates-5", "bench.GateBench", List.of("2", "5", "4,17,64,256", "0")),
          new Case("gates-50", "bench.GateBench", List.of("2", "50", "17,256", "0")),
          new Case("gates-4-agents", "bench.GateBench", List.of("4", "5", "17,256", "0")),
          new Case("gate-parts", "bench.GateParts", List.of()),
          new Case("blackout", "bench.BlackoutBench", List.of()),
          new Case("rate", "bench.RateBench", List.of()),
          new Case("alone", "chaos.LeftAloneBench", List.of()),
          new Case("restart", "scale.RestartBench", List.of()),
          new Case("flight", "scale.FlightBench", List.of()),
          Case.pauses("G1", Jvm.RECOMMENDED),
          Case.pauses("ZGC", Jvm.EVEN),
          new Case("start", "bench.StartBench", List.of()));

  private Benchmarks() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> wanted = List.of((args.length == 0 ? "all" : args[0]).split(","));
    List<Figure> figures = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (Case each : CASES) {
      if (wanted.contains("all") || wanted.contains(each.name())) {
        System.out.println("running " + each.name() + " ...");
        if (!run(each, figures)) {
          failed.add(each.name());
        }
      }
    }
    System.out.printf("%n%-58s %10s%n", "BENCHMARK of " + Jvm.options(), "median");
    figures.forEach(figure -> System.out.println(figure.line()));
    failed.forEach(name -> System.out.println("did not finish: " + name));
    Files.createDirectories(RESULTS.getParent());
    Files.writeString(
        RESULTS,
        figures.stream().map(Figure::json).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n")));
    System.exit(failed.isEmpty() ? 0 : 1);
  }

  private static boolean run(Case each, List<Figure> figures)
      throws IOException, InterruptedException {
    List<String> command = Jvm.java();
    command.addAll(each.options());
    command.add("-Dfermata.bench.jvm=" + String.join(" ", each.options()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.fermata." + each.main());
    command.addAll(each.arguments());
    emptied(PauseBench.LOGS);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Path log = Path.of("target", "bench", each.name() + ".log");
    Files.createDirectories(log.getParent());
    try (var lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var out = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line + "\n");
        if (Figure.isOne(line)) {
          figures.add(Figure.read(line));
        }
      }
    }
    return process.waitFor() == 0;
  }

  private static void emptied(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> old = Files.list(folder)) {
      for (Path each : old.toList()) {
        Files.delete(each);
      }
    }
  }
}
