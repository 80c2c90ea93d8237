package io.fermata.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
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
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged orchestrator in a process of its own; it can be killed and started again. */
final class Service implements AutoCloseable {
  /**
   * For a machine on which hundreds of hosts and their orchestrator share the processors: a host
   * that is not heard for the usual 3 s is no lost one there, only one that waits for its turn.
   */
  static final List<String> PATIENT =
      List.of(
          "--fermata.migration.lease=20s",
          "--fermata.migration.deadlines.preparing=120s",
          "--fermata.migration.deadlines.quiescing=60s",
          "--fermata.migration.deadlines.freezing=60s",
          "--fermata.migration.deadlines.sealing=60s",
          "--fermata.migration.deadlines.resuming=60s",
          "--fermata.fleet.timeout=10s",
          "--fermata.fleet.stale=30s",
          "--fermata.fleet.lost=60s");

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** A line of the heap or of one of its generations. */
  private static final Pattern USED = Pattern.compile(" total .*used (\\d+)K");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final List<String> command = new ArrayList<>();
  private final URI api;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private Process process;

  /** An answer: its status and its body. */
  record Said(int status, JsonNode body) {
    JsonNode ok() {
      if (status / 100 != 2) {
        throw new IllegalStateException(status + ": " + body);
      }
      return body;
    }
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param options for its JVM
   */
  Service(Path jar, Path folder, List<String> options, List<String> settings) throws IOException {
    this.folder = Files.createDirectories(folder);
    int port = freePort();
    this.api = URI.create("http://127.0.0.1:" + port + "/api/v1/");
    command.add(Jvms.tool("java"));
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString(), "orchestrator", "--server.port=" + port));
    command.add("--fermata.journal.directory=" + journal());
    command.add("--fermata.demo.enabled=false");
    command.addAll(settings);
    start();
  }

  Path journal() {
    return folder.resolve("journal");
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** On the same journal and port as before. */
  void start() throws IOException {
    Path log = folder.resolve("orchestrator.log");
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> isReady() || !process.isAlive());
    if (!process.isAlive()) {
      throw new IllegalStateException("it ended by itself, see " + log);
    }
  }

  private boolean isReady() {
    try {
      return send(HttpRequest.newBuilder(api.resolve("/readyz"))).status() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Said get(String path) throws IOException {
    return send(HttpRequest.newBuilder(api.resolve(path)));
  }

  Said post(String path, String json) throws IOException {
    return send(with(path).POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** The same request under that key is one request, however often it comes. */
  Said post(String path, String json, String key) throws IOException {
    return send(
        with(path).header("Idempotency-Key", key).POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  Said put(String path, String json) throws IOException {
    return send(with(path).PUT(HttpRequest.BodyPublishers.ofString(json)));
  }

  private HttpRequest.Builder with(String path) {
    return HttpRequest.newBuilder(api.resolve(path)).header("Content-Type", "application/json");
  }

  private Said send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<byte[]> answer =
          http.send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return new Said(answer.statusCode(), JSON.readTree(answer.body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Nobody starts, or everybody may. */
  void admission(boolean open) throws IOException {
    String state = open ? "open" : "paused";
    put("admission", "{\"state\":\"%s\",\"reason\":\"scale\"}".formatted(state)).ok();
  }

  /** All events of the journal so far, after that one. */
  List<JsonNode> events(long after) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    long from = after;
    while (true) {
      JsonNode page = get("events?limit=500&after=" + from).ok();
      page.get("items").forEach(all::add);
      long next = page.get("next").asLong();
      if (next == from) {
        return all;
      }
      from = next;
    }
  }

  /** Whether any is active, at the price of one: who counts them takes what it measures. */
  boolean busy() throws IOException {
    return get("migrations?phase=active&limit=1").ok().get("items").size() > 0;
  }

  /** How many migrations have not ended; at most a page of them is counted. */
  int active() throws IOException {
    return get("migrations?phase=active&limit=500").ok().get("items").size();
  }

  /** What lives in its heap after a full collection, in bytes. */
  long heapAfterGc() throws IOException {
    jcmd("GC.run");
    String info = jcmd("GC.heap_info");
    List<Long> used = USED.matcher(info).results().map(m -> Long.valueOf(m.group(1))).toList();
    if (used.isEmpty()) {
      throw new IllegalStateException("jcmd says nothing of the heap: " + info);
    }
    return used.stream().mapToLong(Long::longValue).sum() << 10;
  }

  private String jcmd(String what) throws IOException {
    Process jcmd =
        new ProcessBuilder(Jvms.tool("jcmd"), String.valueOf(process.pid()), what)
            .redirectErrorStream(true)
            .start();
    return new String(jcmd.getInputStream().readAllBytes(), UTF_8);
  }

  double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
  }

  @Override
  public void close() {
    kill();
    http.close();
  }
}
