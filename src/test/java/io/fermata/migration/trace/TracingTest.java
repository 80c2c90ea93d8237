package io.fermata.migration.trace;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.fleet.Fleet;
import io.fermata.metrics.TraceId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An attempt that fails and the one after it, as a collector of traces sees them. */
class TracingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int DEVICES = 17;

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private ConfigurableApplicationContext service(String endpoint, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--fermata.demo.agent-port=0",
                "--fermata.tracing.endpoint=" + endpoint,
                "--fermata.tracing.retry=200ms",
                "--fermata.journal.directory=" + folder.resolve("journal")));
    settings.addAll(List.of(more));
    return Fermata.start(Role.ORCHESTRATOR, settings);
  }

  @Test
  void oneTraceForEachAttemptWithASpanForEachPhaseAndEachHop() throws IOException {
    try (var collector = new Collector(2);
        var service = service(collector.url())) {
      URI api = api(service);
      refuseOnce(service);
      String first = start(api);
      assertEquals("ROLLED_BACK", ended(api, first));
      String second = again(api, first);
      assertEquals("SUCCEEDED", ended(api, second));
      awaitRoot(collector, second);

      List<JsonNode> failed = collector.of(TraceId.of(first));
      List<JsonNode> done = collector.of(TraceId.of(second));
      assertEquals(0, collector.twice());
      holdsTogether(failed);
      holdsTogether(done);
      assertEquals(2, root(failed).at("/status/code").asInt());
      assertEquals("succeeded", Collector.attributes(root(done)).get("fermata.outcome"));
      assertEquals(
          TraceId.span(first, "migration"), root(done).at("/links/0/spanId").asString(), "link");
      assertTrue(
          names(done)
              .containsAll(
                  Set.of(
                      "queued",
                      "preparing",
                      "quiescing",
                      "freezing",
                      "copying",
                      "sealing",
                      "resuming",
                      "cleaning")),
          () -> names(done).toString());
      for (String gate : List.of("quiesced", "frozen", "loaded", "thawed", "running")) {
        assertEquals(DEVICES, atGate(done, gate).size(), gate);
      }
      Map<String, String> refused = Collector.attributes(wrong(failed));
      assertEquals("gpu3", refused.get("fermata.bdf"));
      assertEquals("host-a", refused.get("fermata.host"));
      assertEquals("pre_copy_p2p", refused.get("fermata.vfio.from"));
      assertEquals("stop_copy", refused.get("fermata.vfio.to"));
      assertEquals("EIO(5)", refused.get("fermata.errno"));
      assertEquals("frozen", refused.get("fermata.gate"));
      assertEquals("1", refused.get("fermata.epoch"));
      assertEquals(
          TraceId.span(second, "freeze"),
          phase(done, "freezing").get("spanId").asString(),
          "the agents' traceparent");
    }
  }

  @Test
  void aCollectorThatIsNotThereKeepsNobody() throws IOException {
    try (var service = service("http://127.0.0.1:9/v1/traces", "--fermata.tracing.attempts=1")) {
      URI api = api(service);
      assertEquals("SUCCEEDED", ended(api, start(api)));
      await().atMost(PATIENCE).until(() -> dropped(api) > DEVICES);
    }
  }

  /** Every span but the root has its parent in the same trace, and begins before it ends. */
  private static void holdsTogether(List<JsonNode> trace) {
    Set<String> ids =
        trace.stream().map(span -> span.get("spanId").asString()).collect(Collectors.toSet());
    for (JsonNode span : trace) {
      JsonNode parent = span.get("parentSpanId");
      if (parent == null) {
        assertEquals("migration", span.get("name").asString());
        continue;
      }
      assertTrue(ids.contains(parent.asString()), span::toString);
      long begin = Long.parseLong(span.get("startTimeUnixNano").asString());
      long end = Long.parseLong(span.get("endTimeUnixNano").asString());
      assertTrue(begin <= end, span::toString);
    }
    assertNull(root(trace).get("parentSpanId"));
    assertFalse(trace.size() < 2 * DEVICES);
  }

  private static JsonNode root(List<JsonNode> trace) {
    return phase(trace, "migration");
  }

  private static JsonNode phase(List<JsonNode> trace, String name) {
    return trace.stream()
        .filter(span -> span.get("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode wrong(List<JsonNode> trace) {
    return trace.stream()
        .filter(span -> Collector.attributes(span).containsKey("fermata.errno"))
        .findFirst()
        .orElseThrow();
  }

  private static Set<String> names(List<JsonNode> trace) {
    return trace.stream().map(span -> span.get("name").asString()).collect(Collectors.toSet());
  }

  private static List<JsonNode> atGate(List<JsonNode> trace, String gate) {
    return trace.stream()
        .filter(span -> gate.equals(Collector.attributes(span).get("fermata.gate")))
        .toList();
  }

  private void awaitRoot(Collector collector, String migration) {
    await()
        .atMost(PATIENCE)
        .until(() -> names(collector.of(TraceId.of(migration))).contains("migration"));
  }

  private static URI api(ConfigurableApplicationContext service) {
    String port = service.getEnvironment().getProperty("local.server.port");
    return URI.create("http://127.0.0.1:" + port);
  }

  private void refuseOnce(ConfigurableApplicationContext service) throws IOException {
    URI agent = service.getBean(Fleet.class).hosts().getFirst().agent();
    post(
        agent.resolve("/agent/v1/emulated/faults"),
        """
        {"device":"gpu3","fault":{"kind":"REFUSED","to":"STOP_COPY","errno":5,
         "occurrence":1,"after":0}}
        """);
  }

  private String start(URI api) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                post(
                    api.resolve("/api/v1/migrations"),
                    "{\"vm\":\"vm-demo\",\"source\":\"host-a\",\"destination\":\"host-b\"}"),
            answer -> answer.has("id"))
        .get("id")
        .asString();
  }

  private String again(URI api, String m) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> post(api.resolve("/api/v1/migrations/" + m + "/retry"), "{}"),
            answer -> answer.has("id"))
        .get("id")
        .asString();
  }

  private String ended(URI api, String m) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                JSON.readTree(get(api.resolve("/api/v1/migrations/" + m)))
                    .path("outcome")
                    .asString(""),
            outcome -> !outcome.isEmpty());
  }

  private double dropped(URI api) throws IOException {
    return get(api.resolve("/actuator/prometheus"))
        .lines()
        .filter(line -> line.startsWith("fermata_trace_spans_total{outcome=\"dropped\"}"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .sum();
  }

  private String get(URI at) throws IOException {
    return send(HttpRequest.newBuilder(at));
  }

  private JsonNode post(URI at, String json) throws IOException {
    return JSON.readTree(
        send(
            HttpRequest.newBuilder(at)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))));
  }

  private String send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
