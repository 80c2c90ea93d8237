package io.fermata.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.chaos.PackagedProcesses;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code src/test/story/story.sh} against the packaged program; what it printed is in {@code
 * target/story.txt}, to be read.
 */
class StoryIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar", "target/fermata.jar"));
  private static final Path OUTPUT = Path.of("target/story.txt");
  private static final int MINUTES = 3;

  /** What has to be told, in this order. */
  private static final List<String> TOLD =
      List.of(
          "host-a +READY",
          "would start",
          "QUEUED → CHECKING",
          "DONE SUCCEEDED",
          "is in (FREEZING|ROLLING_BACK)",
          "gpu3 PRE_COPY_P2P to STOP_COPY",
          "typical for gpu/gpu-a PRE_COPY_P2P→STOP_COPY: p50",
          "DONE ROLLED_BACK",
          "DONE SUCCEEDED",
          "nic2 .* LAST",
          "gate QUIESCED .* last nic2",
          "vm-demo +WAITING +host-a→host-b",
          "DRAINED since",
          "safeToPowerOff: true",
          "cordoned .*drain .*OPS-414",
          "drains.create .*OPS-414",
          "migrations.abort .*OPS-413-taken-back",
          "intact");

  @Test
  void everyStepOfItWorksAndTellsWhatItShould(@TempDir Path folder) throws Exception {
    int port = PackagedProcesses.freePort();
    int agents = PackagedProcesses.freePort();
    URI api = URI.create("http://127.0.0.1:" + port + "/api/v1");
    try (var processes = new PackagedProcesses(JAR, folder, List.of())) {
      processes.start(
          "orchestrator",
          List.of(
              "--server.port=" + port,
              "--fermata.demo.agent-port=" + agents,
              "--fermata.journal.directory=" + folder.resolve("journal")),
          URI.create(api + "/hosts"));
      var story = new ProcessBuilder("bash", "src/test/story/story.sh");
      story.environment().put("F", api.toString());
      story.environment().put("A", "http://127.0.0.1:" + agents + "/agent/v1");
      story.environment().put("B", "http://127.0.0.1:" + (agents + 1) + "/agent/v1");
      Process told = story.redirectErrorStream(true).redirectOutput(OUTPUT.toFile()).start();
      assertTrue(told.waitFor(MINUTES, TimeUnit.MINUTES), () -> "it does not end, see " + OUTPUT);
      String text = Files.readString(OUTPUT);
      assertEquals(0, told.exitValue(), text);
      int at = 0;
      for (String line : TOLD) {
        var found = Pattern.compile(line).matcher(text);
        assertTrue(found.find(at), () -> "no /" + line + "/ where it should be in\n" + text);
        at = found.end();
      }
    }
  }
}
