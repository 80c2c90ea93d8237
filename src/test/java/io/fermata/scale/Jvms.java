package io.fermata.scale;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the processes of this room are started. */
final class Jvms {
  /** A quick start, and little for one that lives for seconds. */
  static final List<String> BRIEF = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private Jvms() {}

  static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /** A main of the test's own class path. */
  static List<String> command(List<String> options, Class<?> main) {
    List<String> command = new ArrayList<>(List.of(tool("java")));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
