package io.fermata.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.fleet.Fleet;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An orchestrator and two agents as Prometheus sees them, before anything happened and after one
 * migration that succeeds and one that a device's refusal sends back.
 */
class MetricsOfTwoMigrationsTest {
  private static final int SERIES = 1200;
  private static final int SERIES_PER_HOST = 6;
  private static final int HOSTS = 2;
  private static final Path RULES = Path.of("config/prometheus");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PLAN = "/api/v1/migrations?dryRun=true";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path directory;

  private static ConfigurableApplicationContext context;
  private static URI orchestrator;
  private static List<URI> agents;
  private static Scrape before;
  private static Scrape after;

  @BeforeAll
  static void twoMigrations() {
    context =
        Fermata.start(
            Role.ORCHESTRATOR,
            List.of(
                "--server.port=0",
                "--fermata.demo.agent-port=0",
                "--fermata.journal.directory=" + directory));
    String port = context.getEnvironment().getProperty("local.server.port");
    orchestrator = URI.create("http://127.0.0.1:" + port);
    Fleet fleet = context.getBean(Fleet.class);
    agents = fleet.hosts().stream().map(host -> host.agent()).toList();
    before = Scrape.of(orchestrator);
    assertEquals(422, post(orchestrator, "/api/v1/migrations", body("host-x", "host-b")));
    for (int twice = 0; twice < 2; twice++) {
      assertEquals(200, post(orchestrator, PLAN, body("host-a", "host-b"), "key-1"));
    }
    assertEquals(422, post(orchestrator, PLAN, body("host-b", "host-a"), "key-1"));
    move("host-a", "host-b", "SUCCEEDED");
    refuseToFreeze(agents.getLast());
    move("host-b", "host-a", "ROLLED_BACK");
    // What ends is counted once it is on disk, a moment after it can be seen.
    await()
        .atMost(PATIENCE)
        .until(() -> Scrape.of(orchestrator).sum("fermata_migrations_finished_total") == 2);
    after = Scrape.of(orchestrator);
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static void move(String from, String to, String outcome) {
    await().atMost(PATIENCE).until(() -> post(orchestrator, PLAN, body(from, to)) == 200);
    int status = post(orchestrator, "/api/v1/migrations", body(from, to));
    assertEquals(202, status);
    await()
        .atMost(PATIENCE)
        .until(() -> get("/api/v1/migrations?limit=1").contains("\"outcome\":\"" + outcome));
  }

  private static String body(String from, String to) {
    return """
    {"vm":"vm-demo","source":"%s","destination":"%s","blackoutBudgetMs":30000}
    """
        .formatted(from, to);
  }

  private static void refuseToFreeze(URI agent) {
    String fault =
        """
        {"device":"gpu3","fault":{"kind":"REFUSED","to":"STOP_COPY","errno":5,
         "occurrence":1,"after":0}}
        """;
    assertEquals(200, post(agent, "/agent/v1/emulated/faults", fault));
  }

  private static int post(URI process, String path, String body, String... key) {
    var request =
        HttpRequest.newBuilder(process.resolve(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    List.of(key).forEach(each -> request.header("Idempotency-Key", each));
    return send(request).status();
  }

  private static String get(String path) {
    return send(HttpRequest.newBuilder(orchestrator.resolve(path))).body();
  }

  private record Reply(int status, String body, String type) {}

  private static Reply send(HttpRequest.Builder request) {
    try {
      var response = HTTP.send(request.build(), BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      return new Reply(response.statusCode(), response.body(), type);
    } catch (IOException e) {
      throw new AssertionError("not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void namesTypesAndLabelsAreThoseThatDashboardsRelyOn() {
    assertEquals(listed("orchestrator.txt"), lines(after.shapes()));
    // The first one was a source and sent what it had.
    assertEquals(listed("agent.txt"), lines(Scrape.of(agents.getFirst()).shapes()));
  }

  private static String listed(String resource) {
    try (InputStream in = MetricsOfTwoMigrationsTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(resource, e);
    }
  }

  private static String lines(Set<String> shapes) {
    return String.join("\n", shapes) + "\n";
  }

  @Test
  void whatAlertsCountIsThereBeforeItHappens() {
    for (String counter :
        List.of(
            "fermata_barrier_violations_total{rule=\"froze_before_quiet\"}",
            "fermata_barrier_violations_total{rule=\"ran_before_thawed\"}",
            "fermata_blackout_budget_exceeded_total{action=\"aborted\"}",
            "fermata_blackout_budget_exceeded_total{action=\"completed_late\"}",
            "fermata_agent_lost_in_blackout_total",
            "fermata_ownership_conflicts_total{cause=\"version_check\"}",
            "fermata_journal_failures_total",
            "fermata_audit_write_failures_total",
            "fermata_migrations_finished_total{outcome=\"succeeded\",reason=\"none\"}",
            "fermata_migrations_finished_total{outcome=\"rolled_back\",reason=\"hop_failed\"}",
            "fermata_migrations_finished_total{outcome=\"failed\",reason=\"check_failed\"}")) {
      assertEquals(0, before.value(counter), counter);
    }
    for (URI agent : agents) {
      Scrape page = Scrape.of(agent);
      assertEquals(
          0,
          page.value(
              "fermata_device_transition_failures_total"
                  + "{driver=\"gpu\",errno=\"EINVAL\",from=\"resuming\",to=\"stop\"}"));
      assertEquals(0, page.value("fermata_agent_fence_rejections_total{reason=\"stale_epoch\"}"));
    }
  }

  @Test
  void everyPhaseIsThereAtAllTimes() {
    for (Scrape page : List.of(before, after)) {
      assertEquals(0, page.sum("fermata_migrations"));
      assertEquals(0, page.value("fermata_migrations{phase=\"needs_operator\"}"));
      assertEquals(5, page.value("fermata_phase_deadline_seconds{phase=\"quiescing\"}"));
    }
  }

  @Test
  void bothMigrationsAreCounted() {
    assertEquals(
        2, after.value("fermata_migrations_started_total{priority=\"user\",trigger=\"api\"}"));
    assertEquals(1, after.sum("fermata_migrations_finished_total", "succeeded", "none"));
    assertEquals(1, after.sum("fermata_migrations_finished_total", "rolled_back", "hop_failed"));
    assertEquals(1, after.sum("fermata_rollbacks_total", "freezing", "hop_failed"));
    assertEquals(1, after.sum("fermata_rollback_seconds_count", "freezing", "hop_failed"));
    assertEquals(2, after.sum("fermata_migration_duration_seconds_count"));
    assertEquals(34, after.sum("fermata_set_devices_sum"));
    assertEquals(2, after.value("fermata_agents{state=\"ready\"}"));
    assertEquals(2, after.sum("fermata_migration_info"));
    assertEquals(2, after.value("fermata_events_total{type=\"migration.submitted\"}"));
  }

  @Test
  void whatTheApiRefusesAndRepeatsIsCounted() {
    assertEquals(1, after.value("fermata_rejections_total{code=\"invalid_request\"}"));
    assertEquals(1, after.value("fermata_idempotent_replays_total{result=\"replayed\"}"));
    assertEquals(1, after.value("fermata_idempotent_replays_total{result=\"mismatch\"}"));
    assertEquals(0, after.sum("fermata_prechecks_total", "result=\"fail\"", "budget"));
    assertTrue(after.sum("fermata_prechecks_total", "result=\"pass\"", "budget") >= 4);
  }

  @Test
  void theBlackoutIsMeasuredOnceForEachAndItsPartsAddUp() {
    assertEquals(1, after.sum("fermata_guest_blackout_seconds_count", "succeeded"));
    assertEquals(1, after.sum("fermata_guest_blackout_seconds_count", "rolled_back"));
    assertEquals(2, after.sum("fermata_device_blackout_seconds_count"));
    double whole = after.sum("fermata_guest_blackout_seconds_sum");
    assertEquals(whole, after.sum("fermata_blackout_part_seconds_sum"), 1e-6);
    assertTrue(after.sum("fermata_device_blackout_seconds_sum") < whole);
    assertEquals(2, after.sum("fermata_blackout_budget_ratio_count"));
    assertEquals(0, after.value("fermata_blackout_active"));
  }

  @Test
  void everyGateHasItsTimesAndTheLastToCome() {
    for (String gate : List.of("thaw", "run")) {
      assertEquals(1, after.sum("fermata_barrier_seconds_count", gate, "opened"), gate);
    }
    assertEquals(2, after.sum("fermata_barrier_seconds_count", "quiesce", "opened"));
    assertEquals(1, after.sum("fermata_barrier_seconds_count", "stop", "opened"));
    assertEquals(1, after.sum("fermata_barrier_seconds_count", "stop", "failed"));
    assertEquals(5, after.sum("fermata_barrier_stragglers_total"));
    assertEquals(5, after.sum("fermata_barrier_skew_seconds_count"));
    assertEquals(0, after.sum("fermata_barrier_violations_total"));
  }

  @Test
  void hopsAreTimedAtTheAgentAndTheRefusedOneHasItsErrno() {
    Scrape source = Scrape.of(agents.getFirst());
    Scrape destination = Scrape.of(agents.getLast());
    String refused =
        "fermata_device_transition_failures_total{driver=\"gpu\",errno=\"EIO\",from=\"";
    assertEquals(1, destination.sum("fermata_device_transition_failures_total", "EIO", "gpu"));
    assertTrue(destination.own().contains(refused), destination::own);
    for (String driver : List.of("gpu", "mlx5", "nvme")) {
      String count = "fermata_device_transition_seconds_count";
      assertTrue(source.sum(count, driver, "to=\"running_p2p\"") > 0, driver);
      assertEquals(
          devices(driver),
          destination.sum(count, driver, "from=\"resuming\"", "to=\"stop\""),
          driver);
      assertEquals(devices(driver), source.sum("fermata_device_state_bytes_count", driver));
      assertEquals(devices(driver), source.sum("fermata_devices", driver, "running"), driver);
    }
    assertEquals(
        source.sum("fermata_device_state_bytes_sum"), source.sum("fermata_transfer_bytes_total"));
  }

  private static int devices(String driver) {
    return driver.equals("nvme") ? 1 : 8;
  }

  @Test
  void thereAreNoMoreSeriesThanAgreed() {
    assertTrue(after.size() <= SERIES + SERIES_PER_HOST * HOSTS, () -> after.size() + " series");
    for (URI agent : agents) {
      int size = Scrape.of(agent).size();
      assertTrue(size <= SERIES, () -> size + " series of an agent");
    }
  }

  @Test
  void promtoolFindsNothingToSay() {
    Promtool.check(directory, after.own(), "check", "metrics");
    Promtool.check(directory, Scrape.of(agents.getLast()).own(), "check", "metrics");
  }

  @Test
  void histogramsAreClassicAndNativeWithTheWayToTheMigration() {
    PrometheusRegistry registry = context.getBean(PrometheusRegistry.class);
    List<HistogramSnapshot> histograms =
        registry.scrape().stream()
            .filter(each -> each.getMetadata().getName().startsWith("fermata_"))
            .filter(HistogramSnapshot.class::isInstance)
            .map(HistogramSnapshot.class::cast)
            .toList();
    assertTrue(histograms.size() > 10);
    for (HistogramSnapshot histogram : histograms) {
      histogram
          .getDataPoints()
          .forEach(point -> {
            String name = histogram.getMetadata().getName();
            assertTrue(point.hasClassicHistogramData() && point.hasNativeHistogramData(), name);
            assertTrue(point.getNativeSchema() <= 3, name);
          });
    }
    String page = Scrape.get(orchestrator, "application/openmetrics-text;version=1.0.0");
    assertTrue(
        page.lines()
            .anyMatch(line ->
                line.startsWith("fermata_guest_blackout_seconds_bucket")
                    && line.contains("# {migration=\"")
                    && line.contains("trace_id=\"")),
        "no exemplar");
    Reply binary =
        send(
            HttpRequest.newBuilder(orchestrator.resolve("/actuator/prometheus"))
                .header(
                    "Accept",
                    "application/vnd.google.protobuf;"
                        + "proto=io.prometheus.client.MetricFamily;encoding=delimited"));
    assertTrue(binary.type().contains("protobuf"), binary::type);
  }

  @Test
  void alertsSpeakOnlyOfMetricsThatAreThere() throws IOException {
    String rules = Files.readString(RULES.resolve("fermata-rules.yml"));
    Set<String> named =
        Pattern.compile("\\bfermata_\\w+")
            .matcher(rules)
            .results()
            .map(match -> match.group().replaceFirst("_(bucket|count|sum)$", ""))
            .filter(name -> !name.equals("fermata_api"))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> known = new ArrayList<>();
    Stream.concat(Stream.of(after), agents.stream().map(Scrape::of))
        .forEach(page -> page.shapes().forEach(shape -> known.add(shape.split(" ")[0])));
    named.removeAll(known);
    assertEquals(Set.of(), named);
  }
}
