package io.fermata.chaos.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Runs a command to its end. */
final class Shell {
  private Shell() {}

  /** What it printed; a command that fails is a failed test that says why. */
  static String run(List<String> command) {
    Result result = attempt(command);
    if (result.code() != 0) {
      throw new AssertionError(command + " ended with " + result.code() + ": " + result.output());
    }
    return result.output();
  }

  record Result(int code, String output) {}

  static Result attempt(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
