package io.fermata.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** A process of its own in a namespace of its own, that can die and come back. */
final class Member {
  private static final long GRACE_SECONDS = 20;

  private final List<String> command;
  private final Path output;
  private Process process;

  private Member(List<String> command, Path output) {
    this.command = command;
    this.output = output;
    this.process = launch();
  }

  static Member start(List<String> command, Path output) {
    return new Member(command, output);
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

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM. */
  void end() {
    process.destroy();
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

  void signal(String signal) {
    Shell.run(List.of("kill", "-" + signal, Long.toString(process.pid())));
  }

  void close() {
    if (process.isAlive()) {
      Shell.attempt(List.of("kill", "-CONT", Long.toString(process.pid())));
      process.destroyForcibly();
    }
  }
}
