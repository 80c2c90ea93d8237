package io.fermata.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the model checker, each time in a JVM of its own: TLC keeps its state in static fields, and
 * nothing but its jar belongs on its class path. One worker, so that a counterexample is a shortest
 * one and the same in every run.
 */
final class Tlc {
  private static final Path MODELS = Path.of("src/model");
  private static final Path RUNS = Path.of("target/model").toAbsolutePath();

  private Tlc() {}

  /** The configuration as it is in {@code src/model}. */
  static ModelConfig config(String name) {
    return ModelConfig.read(MODELS.resolve(name + ".cfg"));
  }

  static Verdict check(String run, String module, ModelConfig config) {
    return check(run, module, config, "");
  }

  /** Checks the module; {@code traces} is the text of the module trace_data, if it needs one. */
  static Verdict check(String run, String module, ModelConfig config, String traces) {
    try {
      Path folder = folder(run);
      Files.write(folder.resolve(module + ".cfg"), config.lines());
      if (!traces.isEmpty()) {
        Files.writeString(folder.resolve("trace_data.tla"), traces);
      }
      long start = System.nanoTime();
      String output = output(folder, module, config);
      return Verdict.of(run, output, Duration.ofNanos(System.nanoTime() - start));
    } catch (IOException e) {
      throw new UncheckedIOException("checking " + run, e);
    }
  }

  /** A fresh folder with the modules in it. */
  private static Path folder(String run) throws IOException {
    Path folder = RUNS.resolve(run.replaceAll("\\W+", "-"));
    if (Files.exists(folder)) {
      try (Stream<Path> old = Files.walk(folder)) {
        old.sorted((a, b) -> b.compareTo(a)).forEach(Tlc::delete);
      }
    }
    Files.createDirectories(folder);
    try (Stream<Path> models = Files.list(MODELS)) {
      for (Path model : models.filter(path -> path.toString().endsWith(".tla")).toList()) {
        Files.copy(model, folder.resolve(model.getFileName()));
      }
    }
    return folder;
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException("emptying " + path, e);
    }
  }

  private static String output(Path folder, String module, ModelConfig config) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseParallelGC", "-XX:ParallelGCThreads=1", "-Xmx1g"));
    if (!config.isTemporal()) {
      command.add("-XX:TieredStopAtLevel=1"); // what is over in seconds does not pay for C2
    }
    // TLC unpacks its standard modules there; two runs at once would tear each other's files
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(List.of("-cp", jar(), "tlc2.TLC", "-lncheck", "final", "-workers", "1"));
    command.addAll(List.of("-metadir", folder.resolve("states").toString()));
    command.addAll(List.of("-config", module + ".cfg", module));
    Path log = folder.resolve("tlc.log");
    Process tlc =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      tlc.waitFor();
    } catch (InterruptedException e) {
      tlc.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    return Files.readString(log);
  }

  private static String jar() {
    try {
      Class<?> tlc = Class.forName("tlc2.TLC", false, Tlc.class.getClassLoader());
      return Path.of(tlc.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the TLA+ tools are not on the test class path", e);
    }
  }
}
