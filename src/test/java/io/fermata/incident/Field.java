package io.fermata.incident;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A service with three emulated hosts in this process: {@code host-a} runs every virtual machine,
 * each on a GPU and a NIC of its own; the other two have the same devices free. Devices outlive
 * their agents.
 */
final class Field implements AutoCloseable {
  static final List<String> HOSTS = List.of("host-a", "host-b", "host-c");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Their guests write faster than anything is copied: pre-copy never has nothing left of them. */
  private static final Set<String> RESTLESS =
      Set.of("precopy", "precopy2", "slow", "orphan", "conflict", "flapping");

  private static final long TWO_BLOCKS = 2 << 20;
  private static final long AT_ONCE = 1L << 40;
  private static final long COPIED_PER_SECOND = 64 << 20; // endless copies leave others the cores
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final List<String> machines;
  private final List<String> settings;
  private final UnaryOperator<String> reached;
  private final HttpClient http = HttpClient.newHttpClient();
  private final SortedMap<String, Integer> ports = new TreeMap<>();
  private final SortedMap<String, ConfigurableApplicationContext> running = new TreeMap<>();

  /**
   * Starts everything.
   *
   * @param machines the virtual machines
   * @param settings of the orchestrator
   */
  Field(Path folder, List<String> machines, String... settings) {
    this(folder, machines, UnaryOperator.identity(), settings);
  }

  /**
   * The same.
   *
   * @param reached the address at which the orchestrator reaches the agent with that address
   */
  Field(Path folder, List<String> machines, UnaryOperator<String> reached, String... settings) {
    this.reached = reached;
    this.folder = folder;
    this.machines = machines;
    this.settings = List.of(settings);
    HOSTS.forEach(host -> ports.put(host, freePort()));
    ports.put("orchestrator", freePort());
    HOSTS.forEach(this::start);
    start("orchestrator");
    awaitReady();
  }

  private void awaitReady() {
    await().atMost(PATIENCE).until(() -> get("/hosts").toString().split("READY", -1).length == 4);
  }

  /** Starts what is not running. */
  void start(String who) {
    boolean agent = HOSTS.contains(who);
    running.put(
        who,
        agent
            ? Fermata.start(Role.AGENT, agent(who))
            : Fermata.start(Role.ORCHESTRATOR, orchestrator()));
  }

  /** Ends a process. */
  void kill(String who) {
    running.remove(who).close();
  }

  /** Takes a device's driver away and gives it back: whatever the device held is gone. */
  void rebind(String host, String device) {
    kill(host);
    try {
      Files.delete(folder.resolve(host + "-devices").resolve(device));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    start(host);
    awaitReady();
  }

  private List<String> agent(String host) {
    List<String> agent =
        new ArrayList<>(
            List.of(
                "--server.port=" + ports.get(host),
                "--fermata.agent.host=" + host,
                "--fermata.agent.directory=" + folder.resolve(host),
                "--fermata.agent.backend=emulated",
                "--fermata.agent.timings.start-attempts=2",
                "--fermata.agent.data-plane.bytes-per-second=" + COPIED_PER_SECOND,
                "--fermata.agent.emulated.memory=" + folder.resolve(host + "-devices")));
    for (int i = 0; i < machines.size(); i++) {
      device(agent, host, 2 * i, "gpu" + i);
      device(agent, host, 2 * i + 1, "nic" + i);
    }
    return agent;
  }

  private void device(List<String> agent, String host, int index, String name) {
    String property = "--fermata.agent.devices[" + index + "].";
    agent.add(property + "name=" + name);
    agent.add(property + "profile=" + (name.startsWith("gpu") ? "gpu" : "connectx"));
    boolean restless = RESTLESS.contains(machines.get(index / 2)) && name.startsWith("gpu");
    agent.add(property + "traits.state-bytes=" + (restless ? TWO_BLOCKS : 262_144));
    if (restless) {
      agent.add(property + "traits.dirty-bytes-per-second=" + AT_ONCE);
    }
    if (host.equals("host-a")) {
      agent.add(property + "vm=" + machines.get(index / 2));
    }
  }

  private List<String> orchestrator() {
    List<String> all = new ArrayList<>();
    all.add("--server.port=" + ports.get("orchestrator"));
    all.add("--fermata.journal.directory=" + journal());
    for (String host : HOSTS) {
      String property = "--fermata.fleet.hosts[" + HOSTS.indexOf(host) + "].";
      all.add(property + "name=" + host);
      all.add(property + "agent=" + reached.apply(url(host)));
    }
    all.add("--fermata.fleet.poll=100ms");
    all.add("--fermata.fleet.stale=500ms");
    all.add("--fermata.fleet.lost=1s");
    all.add("--fermata.migration.lease=1s");
    all.add("--fermata.migration.poll=100ms");
    all.add("--fermata.migration.silence=1s");
    all.add("--fermata.migration.convergence-window=600s"); // who is to leave pre-copy is told to
    all.addAll(settings);
    return all;
  }

  Path journal() {
    return folder.resolve("journal");
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a person on call has in his shell; {@code H} is the host that he looks at. */
  Map<String, String> variables(String host, String other) {
    return Map.of("F", api(), "P", process(), "H", host, "A", agentApi(host), "TO", other);
  }

  String process() {
    return url("orchestrator");
  }

  String api() {
    return process() + "/api/v1";
  }

  String agentApi(String host) {
    return url(host) + "/agent/v1";
  }

  private String url(String who) {
    return "http://127.0.0.1:" + ports.get(who);
  }

  private String number(String vm) {
    return Integer.toString(machines.indexOf(vm));
  }

  String gpu(String vm) {
    return "gpu" + number(vm);
  }

  String nic(String vm) {
    return "nic" + number(vm);
  }

  /** Orders a migration from {@code host-a} to {@code host-b}; more is the rest of the order. */
  String order(String vm, String more) {
    return orderTo(vm, "host-b", more);
  }

  /** Orders one that stays in pre-copy until it is told otherwise. */
  String endless(String vm) {
    assertTrue(RESTLESS.contains(vm), () -> "the guest of " + vm + " comes to rest");
    String m =
        order(vm, "\"preCopy\":{\"enabled\":true,\"maxSeconds\":600,\"switchoverBelowBytes\":0}");
    awaitPhase(m, "PRECOPYING");
    return m;
  }

  String orderTo(String vm, String destination, String more) {
    String body =
        """
        {"vm":"%s","source":"host-a","destination":"%s"%s}
        """
            .formatted(vm, destination, more.isEmpty() ? "" : "," + more);
    return post("/migrations", body).get("id").asString();
  }

  /** One that succeeds, and is dark for longer than it may be. */
  String late(String vm, String source, String destination) {
    String body =
        """
        {"vm":"%s","source":"%s","destination":"%s",
         "blackoutBudgetMs":1,"onBudgetExceeded":"continue"}
        """
            .formatted(vm, source, destination);
    String m = post("/migrations", body).get("id").asString();
    assertEquals("SUCCEEDED", ended(m));
    return m;
  }

  /** Waits for the end and says how it was. */
  String ended(String m) {
    return await()
        .atMost(PATIENCE)
        .until(() -> get("/migrations/" + m).path("outcome").asString(""), o -> !o.isEmpty());
  }

  void awaitPhase(String m, String phase) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> get("/migrations/" + m).path("phase").asString("").equals(phase));
  }

  void awaitMetric(String regex) {
    awaitText(process() + "/actuator/prometheus", regex);
  }

  void awaitExplanation(String m, String regex) {
    awaitText(api() + "/migrations/" + m + "/explain?o=text", regex);
  }

  void awaitText(String url, String regex) {
    Pattern wanted = Pattern.compile(regex, Pattern.MULTILINE);
    await(regex).atMost(PATIENCE).until(() -> wanted.matcher(text(url)).find());
  }

  /** The next such hop of that device goes wrong. */
  void inject(String host, String device, String fault) {
    String body = "{\"device\":\"%s\",\"fault\":{%s}}".formatted(device, fault);
    HttpResponse<String> answer = send(agentApi(host) + "/emulated/faults", body);
    assertEquals(200, answer.statusCode(), answer.body());
  }

  /** A call that hangs returns. */
  void release(String host, String device) {
    send(agentApi(host) + "/emulated/devices/" + device + "/release", "");
  }

  JsonNode get(String path) {
    return JSON.readTree(text(api() + path));
  }

  String text(String url) {
    try {
      return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "{}";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  JsonNode post(String path, String json) {
    HttpResponse<String> answer = send(api() + path, json);
    assertEquals(2, answer.statusCode() / 100, answer.body());
    return JSON.readTree(answer.body());
  }

  void put(String path, String json) {
    HttpResponse<String> answer = send("PUT", api() + path, json);
    assertEquals(200, answer.statusCode(), answer.body());
  }

  /** A request of which nobody knows whether it is taken; the status of the answer. */
  int attempt(String method, String path, String json) {
    return send(method, api() + path, json).statusCode();
  }

  void delete(String path) {
    send("DELETE", api() + path, "");
  }

  private HttpResponse<String> send(String url, String json) {
    return send("POST", url, json);
  }

  private HttpResponse<String> send(String method, String url, String json) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url))
              .header("Content-Type", "application/json")
              .method(method, BodyPublishers.ofString(json))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    running.reversed().values().forEach(ConfigurableApplicationContext::close);
    http.close();
  }
}
