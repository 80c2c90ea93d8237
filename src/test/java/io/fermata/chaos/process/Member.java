package io.fermata.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assertions;

/** A process of its own in a namespace of its own, that can die and come back. */
final class Member {
  private static final long GRACE_SECONDS = 20;

  private final List<String> command;
  private final Path output;
  private final Supplier<List<String>> processes;
  private final String ending;
  private Process process;

  private Member(
      List<String> command, Path output, Supplier<List<String>> processes, String ending) {
    this.command = command;
    this.output = output;
    this.processes = processes;
    this.ending = ending;
    this.process = launch();
  }

  /**
   * @param processes all that belong to it
   * @param ending the signal that has it end in good order
   */
  static Member start(
      List<String> command, Path output, Supplier<List<String>> processes, String ending) {
    return new Member(command, output, processes, ending);
  }

  private Process launch() {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void requireAlive() {
    Assertions.assertTrue(process.isAlive(), () -> "it ended by itself, see " + output);
  }

  /** SIGKILL, to all of it. */
  void kill() {
    signal("KILL");
    awaitEnd();
  }

  /** In good order. */
  void end() {
    Shell.run(List.of("kill", "-" + ending, Long.toString(process.pid())));
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end, see " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The same command again. */
  void again() {
    process = launch();
  }

  /** To all of it; one that has just gone by itself is no matter. */
  void signal(String signal) {
    List<String> all = processes.get();
    if (!all.isEmpty()) {
      List<String> words = new ArrayList<>(List.of("kill", "-" + signal));
      words.addAll(all);
      Shell.attempt(words);
    }
  }

  void close() {
    signal("CONT");
    signal("KILL");
  }
}
