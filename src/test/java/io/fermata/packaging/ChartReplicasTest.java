package io.fermata.packaging;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.fermata.journal.PostgresServer;
import io.fermata.wire.tls.Anyone;
import io.fermata.wire.tls.Authority;
import java.io.IOException;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the chart renders for PostgreSQL, run: two orchestrators and two agents as processes with
 * exactly those arguments, with certificates, and a real database. Nobody issues tokens here.
 */
@Tag("chart")
class ChartReplicasTest {
  private static final Path VALUES = Path.of("src/test/resources/chart/postgres.yaml");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final List<String> REPLICAS = List.of("127.84.4.1", "127.84.4.2");
  private static final List<String> AGENTS = List.of("127.84.4.3", "127.84.4.4");
  private static final String LIVE = "/livez";
  private static final String READY = "/readyz";

  @TempDir private Path folder;
  private final Authority authority = new Authority("fermata-test");
  private final Authority.Leaf orchestrator =
      authority.issue("one", "spiffe://fermata/orchestrator/one");
  private final HttpClient http =
      HttpClient.newBuilder().sslContext(Anyone.context(orchestrator)).build();
  private final List<RenderedPod.Running> pods = new ArrayList<>();
  private PostgresServer database;
  private String url;
  private Chart chart;

  @BeforeEach
  void install() throws IOException {
    database = PostgresServer.in(folder.resolve("database-files"));
    url = database.database();
    chart = Chart.render(VALUES, values("source"));
    agent(0, "source");
    agent(1, "destination");
    secrets();
    assertEquals("2", Chart.at(chart.orchestrator(), "spec", "replicas").toString());
    for (String address : REPLICAS) {
      // One folder for both: they have nothing in common but the database and their secrets.
      pods.add(new RenderedPod(chart, chart.orchestrator(), folder).start("node", address));
      // One after the other, as a roll-out does it: all at once are slow on a small machine.
      await().atMost(PATIENCE).until(() -> status(api(address) + READY) == 200);
    }
  }

  /**
   * Values of this machine: where the database and the hosts are, and what stands in for devices.
   */
  private Map<String, Object> values(String end) {
    Map<String, Object> values = new HashMap<>();
    values.put("journal.url", url);
    values.put("journal.username", "postgres");
    values.put("journal.authoritiesSecret", "");
    values.put("security.issuer", "");
    // A busy machine may take longer than the usual 2 s; a kubelet would start the pod again.
    values.put("orchestrator.settings.fermata\\.journal\\.timeout", "20s");
    // Four processes on one machine: what each rehearses takes the processor from the others.
    values.put("orchestrator.settings.fermata\\.rehearsal\\.moves", "0");
    values.put("agent.settings.fermata\\.rehearsal\\.moves", "0");
    values.put("security.insecureBind", true);
    for (int i = 0; i < AGENTS.size(); i++) {
      values.put("fleet.hosts[" + i + "].agent", "https://" + AGENTS.get(i) + ":8090");
    }
    String settings = "agent.settings.fermata\\.agent\\.";
    values.put(settings + "backend", "emulated");
    values.put(settings + "emulated\\.demo", end);
    values.put(settings + "emulated\\.demo-vm", "vm-demo");
    return values;
  }

  private static String host(int index) {
    return index == 0 ? "host-a" : "host-b";
  }

  private void agent(int index, String end) throws IOException {
    Path own = Files.createDirectories(folder.resolve(host(index)));
    Chart rendered = Chart.render(VALUES, values(end));
    var pod = new RenderedPod(rendered, rendered.only("DaemonSet"), own);
    authority.write(
        authority.issue("agent", "spiffe://fermata/agent/" + host(index)), pod.volume("identity"));
    pods.add(pod.start(index == 0 ? "node-a" : "node-b", AGENTS.get(index)));
  }

  private void secrets() throws IOException {
    authority.write(orchestrator, folder.resolve("identity"));
    var people = new Authority("people");
    people.write(people.issue("api.example"), folder.resolve("api"));
    Files.writeString(
        Files.createDirectories(folder.resolve("database")).resolve("password"), "secret\n");
  }

  @AfterEach
  void uninstall() {
    pods.forEach(pod -> pod.process().destroyForcibly());
    http.close();
    database.close();
  }

  /** One story, since everything takes long to start. */
  @Test
  void theyAreReadyShareTheJournalAndOutliveTheDatabase() throws Exception {
    agentsAnswerWhoeverProbesThem();
    bothAreReadyAndSeeEachOther();
    whatOneWasToldTheOtherKnowsAndSendsOn();
    helmTestIsContent();
    theDatabaseGoesAndNobodyIsRestarted();
  }

  /** As a kubelet asks: without a certificate. */
  private void agentsAnswerWhoeverProbesThem() {
    JsonObject container = Chart.container(chart.only("DaemonSet"));
    for (String probe : List.of("livenessProbe", "readinessProbe")) {
      JsonObject get = Chart.at(container, probe, "httpGet").getAsJsonObject();
      assertEquals("management", get.get("port").getAsString());
      String path = get.get("path").getAsString();
      for (String address : AGENTS) {
        await().atMost(PATIENCE).until(() -> status("http://" + address + ":8092" + path) == 200);
      }
    }
  }

  private void bothAreReadyAndSeeEachOther() {
    for (String address : REPLICAS) {
      await().atMost(PATIENCE).until(() -> status(api(address) + READY) == 200);
    }
    for (String address : REPLICAS) {
      JsonNode seen =
          await()
              .atMost(PATIENCE)
              .until(() -> get(address, "/replicas").path("items"), items -> items.size() == 2);
      List<String> urls = new ArrayList<>();
      seen.forEach(each -> urls.add(each.path("url").asString()));
      assertEquals(
          REPLICAS.stream().map(ChartReplicasTest::api).toList(), urls.stream().sorted().toList());
      await()
          .atMost(PATIENCE)
          .until(() -> get(address, "/hosts").toString().split("\"READY\"", -1).length == 3);
    }
  }

  private void whatOneWasToldTheOtherKnowsAndSendsOn() {
    preCopyTakesItsTime();
    var started =
        send(
            api(REPLICAS.getFirst()) + "/api/v1/migrations",
            """
            {"vm":"vm-demo","source":"host-a","destination":"host-b",
             "preCopy":{"enabled":true,"maxSeconds":60,"switchoverBelowBytes":0}}
            """);
    assertEquals(202, started.statusCode(), started.body());
    String migration = "/migrations/" + json(started).path("id").asString();
    String owner = get(REPLICAS.getFirst(), migration).path("epoch").path("owner").asString();
    String other = self(REPLICAS.getFirst()).equals(owner) ? REPLICAS.get(1) : REPLICAS.getFirst();
    assertNotEquals(owner, self(other));
    await()
        .atMost(PATIENCE)
        .until(() -> get(other, migration).path("phase").asString().equals("PRECOPYING"));

    // Over TLS, at an address that is in nobody's certificate.
    var aborted = send(api(other) + "/api/v1" + migration + "/abort", "{\"reason\":\"test\"}");

    assertEquals(202, aborted.statusCode(), aborted.body());
    assertEquals(owner, aborted.headers().firstValue("Fermata-Owner").orElse("nobody"));
    for (String address : REPLICAS) {
      await()
          .atMost(PATIENCE)
          .until(() -> get(address, migration).path("outcome").asString("").equals("CANCELLED"));
    }
  }

  private void preCopyTakesItsTime() {
    String fault =
        """
        {"device":"gpu3","fault":{"kind":"HANG","from":"RUNNING","to":"PRE_COPY",
         "occurrence":1,"errno":5,"after":0,"duration":"PT8S"}}
        """;
    String faults = "https://" + AGENTS.getFirst() + ":8090/agent/v1/emulated/faults";
    assertEquals(200, send(faults, fault).statusCode());
  }

  private String self(String address) {
    for (JsonNode each : get(address, "/replicas").path("items")) {
      if (each.path("self").asBoolean()) {
        return each.path("id").asString();
      }
    }
    throw new AssertionError(address + " does not know itself");
  }

  /** The pod's own script; the names that the cluster would resolve lead to the first replica. */
  private void helmTestIsContent() throws Exception {
    String script =
        chart
            .testScript()
            .replace("//trial-fermata:", "//" + REPLICAS.getFirst() + ":")
            .replace("//trial-fermata-metrics:", "//" + REPLICAS.getFirst() + ":");
    assertEquals(0, run(script), script);
    String lonely = script.replace("seen >= 2", "seen >= 3");
    assertNotEquals(script, lonely);
    assertNotEquals(0, run(lonely), "a replica is missing, and it says nothing");
  }

  private int run(String script) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-ec", script)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("helm-test").toFile())
            .start();
    assertTrue(shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    return shell.exitValue();
  }

  private void theDatabaseGoesAndNobodyIsRestarted() {
    database.stop();
    for (String address : REPLICAS) {
      await().atMost(PATIENCE).until(() -> status(api(address) + "/api/v1/migrations") == 503);
      assertEquals(200, status(api(address) + LIVE));
      assertEquals(200, status(api(address) + READY));
    }
    database.start();
    for (String address : REPLICAS) {
      await().atMost(PATIENCE).until(() -> status(api(address) + "/api/v1/migrations") == 200);
    }
    pods.forEach(RenderedPod.Running::mustRun);
  }

  private static String api(String address) {
    return "https://" + address + ":8080";
  }

  private JsonNode get(String address, String path) {
    HttpResponse<String> answer = send(api(address) + "/api/v1" + path, null);
    return answer.statusCode() == 200 ? json(answer) : JsonMapper.shared().createObjectNode();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  /** The code of the answer; 0 without one. */
  private int status(String uri) {
    pods.forEach(RenderedPod.Running::mustRun);
    try {
      return answer(HttpRequest.newBuilder(URI.create(uri)).build()).statusCode();
    } catch (IOException notYet) {
      return 0;
    }
  }

  private HttpResponse<String> send(String uri, String body) {
    var request =
        HttpRequest.newBuilder(URI.create(uri)).header("Content-Type", "application/json");
    try {
      return answer((body == null ? request : request.POST(BodyPublishers.ofString(body))).build());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> answer(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
