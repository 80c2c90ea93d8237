package io.fermata.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How the benchmarks start a JVM. */
final class Jvm {
  /** What the Dockerfile gives for both roles. */
  static final List<String> RECOMMENDED =
      List.of("-XX:+UseG1GC", "-XX:MaxRAMPercentage=60", "--enable-native-access=ALL-UNNAMED");

  /**
   * For guests that feel every millisecond, and hosts with memory to spare: no pause grows with the
   * heap. Generational, as ZGC always is from JDK 24 on.
   */
  static final List<String> EVEN =
      List.of("-XX:+UseZGC", "-XX:MaxRAMPercentage=60", "--enable-native-access=ALL-UNNAMED");

  private Jvm() {}

  /** The options for both roles; {@code fermata.bench.jvm} replaces the recommended ones. */
  static List<String> options() {
    String own = System.getProperty("fermata.bench.jvm", "");
    return own.isBlank() ? RECOMMENDED : Arrays.asList(own.trim().split("\\s+"));
  }

  static List<String> command(String main, String first, List<String> arguments) {
    List<String> command = java();
    command.addAll(options());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main, first));
    command.addAll(arguments);
    return command;
  }

  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    return command;
  }
}
