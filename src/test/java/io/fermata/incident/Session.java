package io.fermata.incident;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A shell in which somebody types what the runbook says, one block after the other. It notices
 * every command that fails; an answer of 400 or more is a failure too.
 */
final class Session implements AutoCloseable {
  private static final String DONE = "--block-is-done--";

  private final Path folder;
  private final Process bash;
  private final Writer keys;
  private final BufferedReader screen;
  private int blocks;

  /**
   * What a block printed.
   *
   * @param failed commands that ended in an error
   */
  record Shown(String text, List<String> failed) {}

  Session(Path folder, Map<String, String> variables) {
    this.folder = folder;
    try {
      Files.writeString(folder.resolve(".curlrc"), "fail-with-body\nmax-time = 60\n");
      var builder = new ProcessBuilder("bash", "--noprofile", "--norc").redirectErrorStream(true);
      builder.directory(folder.toFile());
      builder.environment().put("CURL_HOME", folder.toString());
      builder.environment().putAll(variables);
      bash = builder.start();
      keys = bash.outputWriter(UTF_8);
      screen = bash.inputReader(UTF_8);
      keys.write("set -E -o pipefail; trap 'echo \"$BASH_COMMAND\" >>\"$FAILED\"' ERR\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void set(String name, String value) {
    type("export %s='%s'%n".formatted(name, value));
  }

  Shown run(String commands) {
    blocks++;
    Path block = folder.resolve("block-" + blocks + ".sh");
    Path failed = folder.resolve("failed-" + blocks);
    try {
      Files.writeString(block, commands);
      type("FAILED='%s'; . '%s'; echo; echo %s%n".formatted(failed, block, DONE));
      var text = new StringBuilder();
      for (String line = screen.readLine(); !DONE.equals(line); line = screen.readLine()) {
        if (line == null) {
          throw new AssertionError("the shell ended:\n" + text);
        }
        text.append(line).append('\n');
      }
      return new Shown(text.toString(), Files.exists(failed) ? commands(failed) : List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The block as a whole counts as a command too, which fails with its last one. */
  private static List<String> commands(Path failed) throws IOException {
    return Files.readAllLines(failed).stream().filter(line -> !line.startsWith(". '")).toList();
  }

  private void type(String line) {
    try {
      keys.write(line);
      keys.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    bash.destroyForcibly();
  }
}
