package io.fermata.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the lab's scripts and waits for them. */
final class Script {
  /** Where the scripts are. */
  static final Path LAB = Path.of("src/test/lab").toAbsolutePath();

  private Script() {}

  /**
   * How a command ended.
   *
   * @param out its standard output and standard error
   */
  record Ended(int code, String out) {
    /** The last line of the output. */
    String lastLine() {
      return out.lines().reduce("", (first, last) -> last).strip();
    }

    /** This, unless the command failed. */
    Ended good(String what) {
      if (code != 0) {
        throw new AssertionError(what + " failed with " + code + ":\n" + out);
      }
      return this;
    }
  }

  /** A script of the lab with this JVM's JDK; its standard error goes with its output. */
  static ProcessBuilder of(String script, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(LAB.resolve(script).toString()));
    command.addAll(arguments);
    return command(command);
  }

  static ProcessBuilder command(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    return builder;
  }

  /** Runs it to its end; ends it when its time is over. */
  static Ended run(ProcessBuilder builder, Duration patience) {
    try {
      Path out = Files.createTempFile("fermata-lab-", ".out");
      try {
        Process process = builder.redirectOutput(out.toFile()).start();
        process.getOutputStream().close();
        boolean over = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        process.descendants().filter(p -> !over).forEach(ProcessHandle::destroy);
        process.destroy();
        String text = Files.readString(out);
        return over
            ? new Ended(process.exitValue(), text)
            : new Ended(124, text + "\nnot over after " + patience);
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(builder.command() + "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted in " + builder.command(), e);
    }
  }
}
