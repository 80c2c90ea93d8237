package io.fermata.simulation;

import java.io.IOException;

/** Which commit this tree is, for a report that somebody else has to repeat. */
final class Commit {
  private Commit() {}

  static String name() {
    try {
      Process git = new ProcessBuilder("git", "describe", "--always", "--dirty").start();
      try (var lines = git.inputReader()) {
        String name = lines.readLine();
        return name == null ? "unknown" : name;
      }
    } catch (IOException e) {
      return "unknown, there is no git here: " + e.getMessage();
    }
  }
}
