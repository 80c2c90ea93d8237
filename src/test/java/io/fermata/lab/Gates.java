package io.fermata.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The gates at which a host's devices hang; the agent's trial settings name this folder. */
record Gates(LabHost host) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For the settings of each device. */
  String trial(String device) {
    return "{device: %s, gates: %s}".formatted(device, folder(device));
  }

  void shut(String device, String gate) {
    try {
      Files.createDirectories(folder(device));
      Files.createFile(folder(device).resolve(gate));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void open(String device, String gate) {
    try {
      Files.delete(folder(device).resolve(gate));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void openAll() {
    try (Stream<Path> all = Files.walk(host.share().resolve("gates"))) {
      for (Path gate : all.filter(Files::isRegularFile).toList()) {
        Files.delete(gate);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the agent's log ends now. */
  int now() {
    return host.read("agent.log").length();
  }

  /** Returns once a call hangs there, by the agent's log after that point. */
  void awaitHanging(String device, String gate, int since) {
    String line = "TRIAL: " + device + " hangs at " + gate + "\n";
    Awaitility.await(host.plan().name() + " " + device + " hangs at " + gate)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> host.read("agent.log").substring(since).contains(line));
  }

  private Path folder(String device) {
    return host.share().resolve("gates").resolve(device);
  }
}
