package io.fermata.dashboards;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.fleet.Fleet;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every panel's query is asked of a real Prometheus that scraped an orchestrator and two agents
 * over one migration that succeeds and one that is refused on the way, and every one has an answer.
 */
class DashboardsTest {
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void theFilesOfTheChartAreThoseOfTheTable() throws IOException {
    for (Dashboard dashboard : Dashboards.all()) {
      Path file = Dashboards.FOLDER.resolve(dashboard.file() + ".json");
      assertEquals(
          dashboard.json(),
          Files.readString(file),
          () -> file + ": run the main of " + Dashboards.class.getName());
    }
  }

  @Test
  void everyPanelHasAnAnswer() throws Exception {
    assumeTrue(Files.isExecutable(PROMETHEUS), "prometheus is not installed (Debian's package)");
    try (var service = service()) {
      List<URI> targets = targets(service);
      URI prometheus = URI.create("http://127.0.0.1:" + freePort());
      Process scraper = scraper(prometheus, targets);
      try {
        await().atMost(PATIENCE).until(() -> up(prometheus) == targets.size());
        act(targets);
        List<String> silent = new ArrayList<>();
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofSeconds(1))
            .untilAsserted(() -> {
              silent.clear();
              silent.addAll(silent(prometheus));
              assertEquals("", String.join("\n", silent));
            });
      } finally {
        scraper.destroyForcibly().waitFor();
      }
    }
  }

  private ConfigurableApplicationContext service() {
    return Fermata.start(
        Role.ORCHESTRATOR,
        List.of(
            "--server.port=0",
            "--fermata.demo.agent-port=0",
            "--fermata.journal.directory=" + folder.resolve("journal")));
  }

  /** The orchestrator first. */
  private static List<URI> targets(ConfigurableApplicationContext service) {
    List<URI> targets = new ArrayList<>();
    String port = service.getEnvironment().getProperty("local.server.port");
    targets.add(URI.create("http://127.0.0.1:" + port));
    service.getBean(Fleet.class).hosts().forEach(host -> targets.add(host.agent()));
    return targets;
  }

  private Process scraper(URI at, List<URI> targets) throws IOException {
    String addresses =
        targets.stream().map(t -> "'" + t.getAuthority() + "'").collect(Collectors.joining(","));
    Path settings = folder.resolve("prometheus.yml");
    Files.writeString(
        settings,
        """
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: fermata
            metrics_path: /actuator/prometheus
            static_configs: [{targets: [%s], labels: {cluster: lab}}]
        """
            .formatted(addresses));
    return new ProcessBuilder(
            PROMETHEUS.toString(),
            "--config.file=" + settings,
            "--storage.tsdb.path=" + folder.resolve("tsdb"),
            "--web.listen-address=" + at.getAuthority())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("prometheus.log").toFile())
        .start();
  }

  /** How many targets it has scraped; none while it still reads what it has. */
  private int up(URI prometheus) {
    try {
      boolean ready = get(prometheus.resolve("/-/ready")).statusCode() == 200;
      return ready ? ask(prometheus, "up == 1").size() : 0;
    } catch (IOException notYet) {
      return 0;
    }
  }

  private void act(List<URI> targets) throws IOException {
    move(targets.getFirst(), "host-a", "host-b", "SUCCEEDED");
    post(
        targets.getLast().resolve("/agent/v1/emulated/faults"),
        """
        {"device":"gpu3","fault":{"kind":"REFUSED","to":"STOP_COPY","errno":5,
         "occurrence":1,"after":0}}
        """);
    move(targets.getFirst(), "host-b", "host-a", "ROLLED_BACK");
    // nothing to move there: a precheck that fails
    String wrong = "{\"vm\":\"vm-demo\",\"source\":\"host-a\",\"destination\":\"host-b\"}";
    post(targets.getFirst().resolve("/api/v1/migrations"), wrong);
    post(targets.getFirst().resolve("/api/v1/migrations?dryRun=true"), wrong);
  }

  private void move(URI api, String from, String to, String outcome) throws IOException {
    String order =
        """
        {"vm":"vm-demo","source":"%s","destination":"%s","blackoutBudgetMs":30000}
        """
            .formatted(from, to);
    await()
        .atMost(PATIENCE)
        .until(() -> post(api.resolve("/api/v1/migrations"), order).statusCode() == 202);
    await()
        .atMost(PATIENCE)
        .until(() ->
            get(api.resolve("/api/v1/migrations?limit=1")).body().contains("\"" + outcome + "\""));
  }

  private List<String> silent(URI prometheus) throws IOException {
    List<String> silent = new ArrayList<>();
    for (Dashboard dashboard : Dashboards.all()) {
      for (Panel panel : dashboard.panels()) {
        for (Panel.Question question : panel.questions()) {
          String query =
              dashboard
                  .query(question)
                  .replace("$__rate_interval", "5m")
                  .replaceAll("\\$[a-z]+", ".*");
          if (ask(prometheus, query).isEmpty()) {
            silent.add(dashboard.title() + " / " + panel.title() + ": " + query);
          }
        }
      }
    }
    return silent;
  }

  private JsonNode ask(URI prometheus, String query) throws IOException {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    HttpResponse<String> answer = get(prometheus.resolve("/api/v1/query?query=" + encoded));
    assertEquals(200, answer.statusCode(), () -> query + ": " + answer.body());
    return JSON.readTree(answer.body()).get("data").get("result");
  }

  private HttpResponse<String> get(URI at) throws IOException {
    return send(HttpRequest.newBuilder(at).build());
  }

  private HttpResponse<String> post(URI at, String json) throws IOException {
    return send(
        HttpRequest.newBuilder(at)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
