package io.fermata.chaos;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** Processes of the packaged jar, on ports of this machine that were free a moment ago. */
public final class PackagedProcesses implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path jar;
  private final Path folder;
  private final List<String> options;
  private final List<Process> started = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  PackagedProcesses(Path jar, Path folder) {
    this(jar, folder, List.of());
  }

  /** With options for each JVM. */
  public PackagedProcesses(Path jar, Path folder, List<String> options) {
    this.jar = jar;
    this.folder = folder;
    this.options = List.copyOf(options);
  }

  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Starts one and waits until it answers at that address. */
  public Process start(String role, List<String> settings, URI alive) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString(), role));
    command.addAll(settings);
    Path output = folder.resolve(role + "-" + started.size());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    started.add(process);
    await().atMost(PATIENCE).until(() -> answers(alive) || !process.isAlive());
    Assertions.assertTrue(process.isAlive(), () -> "it ended by itself, see " + output);
    return process;
  }

  private boolean answers(URI at) {
    try {
      return get(at).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  public HttpResponse<String> get(URI at) throws IOException {
    return send(HttpRequest.newBuilder(at).build());
  }

  public HttpResponse<String> post(URI at, String json) throws IOException {
    return send(
        HttpRequest.newBuilder(at)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    started.forEach(Process::destroyForcibly);
  }
}
