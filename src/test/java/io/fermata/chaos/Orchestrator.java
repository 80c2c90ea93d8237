package io.fermata.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link CrashingOrchestrator} as the test holds it. */
final class Orchestrator implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Process process;
  private final Path output;
  private int heard;

  /** How the newest migration ended, as the journal has it. */
  record Ending(String id, String outcome, String why) {}

  private Orchestrator(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts one and waits until it serves. */
  static Orchestrator start(Path output, List<String> settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1", // it lives for seconds: a quick start is all that counts
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingOrchestrator.class.getName()));
    command.addAll(settings);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    var started = new Orchestrator(process, output);
    assertEquals("ready", started.next());
    return started;
  }

  /** Orders a move that this orchestrator does not live to finish. */
  void dieMoving(Route route, CrashPoint point) throws IOException, InterruptedException {
    tell("move " + route.words() + " " + point);
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertTrue(ended, () -> "it never came to " + point + ":\n" + text());
    assertEquals(CrashingAgents.STATUS_OF_SIGKILL, process.exitValue(), this::text);
  }

  /** Waits for the end of the newest migration. */
  Ending settle() throws IOException {
    tell("settle");
    String[] words = next().split(" ", 4);
    assertEquals("ended", words[0], this::text);
    return new Ending(words[1], words[2], words[3]);
  }

  boolean lives() {
    return process.isAlive();
  }

  private void tell(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
  }

  private String next() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> said().size() > heard || !process.isAlive());
    assertTrue(said().size() > heard, () -> "it ended by itself:\n" + text());
    return said().get(heard++);
  }

  private List<String> said() {
    return text()
        .lines()
        .filter(line -> line.startsWith(CrashingOrchestrator.SAYS))
        .map(line -> line.substring(CrashingOrchestrator.SAYS.length()))
        .toList();
  }

  private String text() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException("reading what an orchestrator said", e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
