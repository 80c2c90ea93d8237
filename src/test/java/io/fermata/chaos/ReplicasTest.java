package io.fermata.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.device.DeviceState;
import io.fermata.journal.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two whole orchestrators, two agents and a database that is stopped under them. */
class ReplicasTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<ConfigurableApplicationContext> replicas = new ArrayList<>();
  private PostgresServer database;
  private AgentPair agents;

  @BeforeEach
  void everythingRuns() {
    database = PostgresServer.in(folder.resolve("database"));
    agents = new AgentPair(folder);
    String url = database.database();
    replicas.add(replica(url, "a"));
    replicas.add(replica(url, "b"));
    await().atMost(PATIENCE).until(() -> get(0, "/replicas").get("items").size() == 2);
    for (int i = 0; i < 2; i++) {
      int each = i;
      await().atMost(PATIENCE).until(() -> get(each, "/devices").get("items").size() == 34);
    }
  }

  @AfterEach
  void allStops() {
    replicas.forEach(ConfigurableApplicationContext::close);
    agents.close();
    database.close();
    http.close();
  }

  private ConfigurableApplicationContext replica(String url, String name) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--fermata.journal.url=" + url,
                "--fermata.journal.username=postgres",
                "--fermata.journal.directory=" + folder.resolve(name)));
    settings.addAll(agents.hosts.inventory());
    return Fermata.start(Role.ORCHESTRATOR, settings);
  }

  /** One story, since everything takes long to start: the database comes and goes. */
  @Test
  void anyReplicaTakesAnyRequestAndALostDatabaseLosesNothing() {
    commandsReachTheOwner();
    theDatabaseGoesInPreCopy();
    theDatabaseGoesInTheBarrier();
  }

  private void commandsReachTheOwner() {
    preCopyTakesItsTime();
    String m = start(0, Map.of("preCopy", true));
    await().atMost(PATIENCE).until(() -> phase(1, m).equals("PRECOPYING"));
    JsonNode here = get(0, "/migrations/" + m);
    JsonNode there = get(1, "/migrations/" + m);
    assertEquals(here.get("epoch"), there.get("epoch"));
    // only its owner knows how far the copy is: the answer is the owner's, not the journal's
    HttpResponse<String> shown = send(1, "GET", "/migrations/" + m, null);
    assertEquals(
        here.get("epoch").get("owner").asString(),
        shown.headers().firstValue("Fermata-Owner").orElse("nobody"));

    HttpResponse<String> aborted = send(1, "POST", "/migrations/" + m + "/abort", "reason=test");
    assertEquals(202, aborted.statusCode(), aborted.body());
    JsonNode ended = ended(1, m);
    assertEquals("CANCELLED", ended.get("outcome").asString());
    agents.hosts.awaitAtRest("host-a");
  }

  private void preCopyTakesItsTime() {
    agents.hosts.inject(
        "host-a", Hosts.Fault.hang("gpu3", DeviceState.RUNNING, DeviceState.PRE_COPY, 3_000));
  }

  private void theDatabaseGoesInPreCopy() {
    preCopyTakesItsTime();
    String m = start(0, Map.of("preCopy", true));
    await().atMost(PATIENCE).until(() -> phase(0, m).equals("PRECOPYING"));
    database.stop();
    HttpResponse<String> refused = send(1, "GET", "/migrations", null);
    assertEquals(503, refused.statusCode(), refused.body());
    database.start();
    JsonNode ended = ended(1, m);
    assertEquals("SUCCEEDED", ended.get("outcome").asString(), ended::toString);
    agents.hosts.awaitAtRest("host-b");
  }

  private void theDatabaseGoesInTheBarrier() {
    agents.hosts.inject(
        "host-b", Hosts.Fault.hang("gpu3", DeviceState.RUNNING_P2P, DeviceState.STOP, 2_500));
    String m = start(1, Map.of("back", true));
    await().atMost(PATIENCE).until(() -> phase(1, m).equals("FREEZING"));
    database.stop();
    agents.hosts.awaitAtRest("host-b");
    database.start();
    JsonNode ended = ended(0, m);
    assertEquals("ROLLED_BACK", ended.get("outcome").asString(), ended::toString);
    assertTrue(agents.hosts.runs("host-b"));
  }

  private String start(int replica, Map<String, Boolean> how) {
    boolean back = how.containsKey("back");
    String body =
        """
        {"vm":"vm-demo","source":"%s","destination":"%s",
         "preCopy":{"enabled":%s,"maxSeconds":6,"switchoverBelowBytes":0}}
        """
            .formatted(
                back ? "host-b" : "host-a", back ? "host-a" : "host-b", how.containsKey("preCopy"));
    HttpResponse<String> answer =
        await()
            .atMost(PATIENCE)
            .until(() -> send(replica, "POST", "/migrations", body), a -> a.statusCode() == 202);
    return JSON.readTree(answer.body()).get("id").asString();
  }

  private String phase(int replica, String m) {
    return get(replica, "/migrations/" + m).get("phase").asString();
  }

  private JsonNode ended(int replica, String m) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> get(replica, "/migrations/" + m),
            shown -> shown.has("outcome") && !shown.get("outcome").isNull());
  }

  private JsonNode get(int replica, String path) {
    HttpResponse<String> answer = send(replica, "GET", path, null);
    return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : JSON.createObjectNode();
  }

  private HttpResponse<String> send(int replica, String method, String path, String body) {
    String port = replicas.get(replica).getEnvironment().getProperty("local.server.port");
    String type =
        body != null && body.startsWith("{")
            ? "application/json"
            : "application/x-www-form-urlencoded";
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1" + path))
            .header("Content-Type", type)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
