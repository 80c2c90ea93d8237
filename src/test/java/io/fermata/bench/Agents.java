package io.fermata.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Agents with emulated devices, each in a process of its own with the recommended JVM settings: as
 * in production, but for the wire between them, which is the loopback.
 */
final class Agents implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final List<Host> hosts = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();

  /** A host and where its agent answers. */
  record Host(String name, URI url) {}

  /**
   * A set of devices alike.
   *
   * @param prefix of the devices' names
   * @param vm whose they are at the start; null for free ones
   * @param hop how long each hop of the barrier takes
   * @param bytes of each device's state
   */
  record Devices(String prefix, int count, String vm, Duration hop, long bytes) {
    Devices free() {
      return new Devices(prefix, count, null, hop, bytes);
    }

    private String yaml() {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < count; i++) {
        text.append("      - name: ").append(prefix).append(i).append('\n');
        text.append("        profile: nvme\n");
        text.append("        group: ").append(prefix).append('\n');
        if (vm != null) {
          text.append("        vm: ").append(vm).append('\n');
        }
        text.append("        traits:\n          state-bytes: ").append(bytes).append('\n');
        text.append(
            "          latencies: {quiesce: %1$dus, freeze: %1$dus, thaw: %1$dus, run: %1$dus}\n"
                .formatted(hop.toNanos() / 1000));
      }
      return text.toString();
    }
  }

  Agents(Path folder) {
    this.folder = folder;
  }

  /** Starts one and waits until it answers. */
  Host start(String name, List<Devices> sets, List<String> settings) {
    int port = freePort();
    Path config = folder.resolve(name + ".yml");
    StringBuilder yaml = new StringBuilder("fermata:\n  agent:\n    devices:\n");
    sets.forEach(set -> yaml.append(set.yaml()));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=" + port,
                "--config=" + config,
                "--fermata.agent.host=" + name,
                "--fermata.agent.directory=" + folder.resolve("slate-" + name),
                "--fermata.agent.backend=emulated",
                "--fermata.agent.emulated.tick=10s"));
    arguments.addAll(settings);
    try {
      Files.writeString(config, yaml);
      Path output = folder.resolve(name + ".log");
      processes.add(
          new ProcessBuilder(Jvm.command("io.fermata.Fermata", "agent", arguments))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Host host = new Host(name, URI.create("http://127.0.0.1:" + port));
    Process process = processes.getLast();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> answers(host) || !process.isAlive());
    if (!process.isAlive()) {
      throw new IllegalStateException("the agent ended, see " + folder);
    }
    hosts.add(host);
    return host;
  }

  /** The processor time that all of them have used, in seconds. */
  double cpuSeconds() {
    return processes.stream()
            .mapToLong(p -> p.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
            .sum()
        / 1e9;
  }

  /** What an orchestrator has to be told of them. */
  List<String> inventory() {
    List<String> settings = new ArrayList<>();
    for (int i = 0; i < hosts.size(); i++) {
      settings.add("--fermata.fleet.hosts[" + i + "].name=" + hosts.get(i).name());
      settings.add("--fermata.fleet.hosts[" + i + "].agent=" + hosts.get(i).url());
    }
    return settings;
  }

  private static boolean answers(Host host) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var get = HttpRequest.newBuilder(host.url().resolve("/readyz")).build();
      return client.send(get, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
