package io.fermata.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.journal.PostgresServer;
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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A backup of the journal is restored: one hand-over that it does not know is over, another is in
 * the dark where its orchestrator was killed. Nothing is driven until somebody accepts what the
 * agents know; then the set runs on exactly one host and the journal says which.
 */
class RestoredJournalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private AgentPair agents;
  private ConfigurableApplicationContext orchestrator;

  @BeforeEach
  void theHostsRun() {
    agents = new AgentPair(folder);
  }

  @AfterEach
  void allStops() {
    if (orchestrator != null) {
      orchestrator.close();
    }
    agents.close();
    http.close();
  }

  /** Where a journal is, and how it is copied and put back. */
  private interface Place extends AutoCloseable {
    List<String> settings();

    void backUp() throws Exception;

    void restore() throws Exception;

    @Override
    void close();
  }

  private Place file() {
    Path journal = folder.resolve("journal");
    return new Place() {
      @Override
      public List<String> settings() {
        return List.of("--fermata.journal.directory=" + journal);
      }

      @Override
      public void backUp() throws Exception {
        copy(journal, folder.resolve("backup"));
      }

      @Override
      public void restore() throws Exception {
        copy(folder.resolve("backup"), journal);
      }

      @Override
      public void close() {
        // files only
      }
    };
  }

  private Place server() {
    Path data = folder.resolve("database");
    var server = PostgresServer.in(data);
    String url = server.database();
    return new Place() {
      @Override
      public List<String> settings() {
        return List.of(
            "--fermata.journal.url=" + url,
            "--fermata.journal.username=postgres",
            "--fermata.journal.directory=" + folder.resolve("unused"));
      }

      @Override
      public void backUp() throws Exception {
        server.stop();
        copy(data, folder.resolve("backup"));
        server.start();
      }

      @Override
      public void restore() throws Exception {
        server.stop();
        copy(folder.resolve("backup"), data);
        server.start();
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }

  private static void copy(Path from, Path to) throws Exception {
    run("rm", "-rf", to.toString());
    run("cp", "-a", from.toString(), to.toString());
    assertTrue(Files.isDirectory(to));
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void inAFileWhatWasSealedEndsAtTheDestination() throws Exception {
    try (Place place = file()) {
      restored(place, new CrashPoint(CrashPoint.Moment.ANSWERED, "Seal"), "SUCCEEDED");
    }
  }

  @Test
  void inADatabaseWhatWasFrozenEndsAtTheSource() throws Exception {
    try (Place place = server()) {
      restored(place, new CrashPoint(CrashPoint.Moment.ANSWERED, "Freeze"), "ROLLED_BACK");
    }
  }

  private void restored(Place place, CrashPoint dies, String outcome) throws Exception {
    orchestrator = start(place);
    String known = moved("host-a", "host-b");
    orchestrator.close();
    place.backUp();
    orchestrator = start(place);
    String over = moved("host-b", "host-a");
    orchestrator.close();
    try (var killed = Orchestrator.start(folder.resolve("killed"), settings(place))) {
      killed.dieMoving(new Route("host-a", "host-b", false), dies);
    }
    place.restore();
    orchestrator = start(place);

    JsonNode found = get("/recovery");
    assertEquals("quarantine", found.get("state").asString(), found::toString);
    assertEquals(2, found.get("migrations").size(), found::toString);
    nothingIsDriven(known);
    accept();
    assertEquals("SUCCEEDED", ended(over).get("outcome").asString());
    String dark =
        found
            .get("migrations")
            .valueStream()
            .map(m -> m.get("id").asString())
            .filter(id -> !id.equals(over))
            .findFirst()
            .orElseThrow();
    JsonNode settled = ended(dark);
    assertEquals(outcome, settled.get("outcome").asString(), settled::toString);
    String there = outcome.equals("SUCCEEDED") ? "host-b" : "host-a";
    agents.hosts.awaitAtRest(there);
    assertTrue(settled.get("epoch").get("number").asLong() > 1, settled::toString);
    moved(there, agents.hosts.other(there));
  }

  private void nothingIsDriven(String known) {
    HttpResponse<String> refused = send("POST", "/migrations", order("host-a", "host-b"));
    assertEquals(503, refused.statusCode(), refused.body());
    assertEquals("RECOVERY_QUARANTINE", JSON.readTree(refused.body()).get("code").asString());
    assertEquals("SUCCEEDED", get("/migrations/" + known).get("outcome").asString());
    HttpResponse<String> ready = to("GET", "/readyz", null);
    assertEquals(200, ready.statusCode());
    assertTrue(ready.body().contains("agents know more than this journal"), ready::body);
    String text = to("GET", "/api/v1/recovery?o=text", null).body();
    assertTrue(text.lines().allMatch(line -> line.length() <= 100), text);
    assertTrue(text.contains("unknown-to-us"), text);
  }

  private void accept() {
    HttpResponse<String> shown =
        send("POST", "/recovery/accept?dryRun=true", "{\"reason\":\"OPS-7\"}");
    assertEquals(200, shown.statusCode(), shown.body());
    String confirm = JSON.readTree(shown.body()).get("confirm").asString();
    String body = "{\"reason\":\"OPS-7\",\"confirm\":\"" + confirm + "\"}";
    HttpResponse<String> unversioned = send("POST", "/recovery/accept", body);
    assertEquals(428, unversioned.statusCode(), unversioned.body());
    var real =
        request("POST", "/api/v1/recovery/accept", body)
            .header("If-Match", shown.headers().firstValue("ETag").orElseThrow());
    HttpResponse<String> done = send(real.build());
    assertEquals(200, done.statusCode(), done.body());
    JsonNode view = JSON.readTree(done.body());
    assertEquals("open", view.get("state").asString(), view::toString);
    assertEquals(2, view.get("imported").asInt());
  }

  private ConfigurableApplicationContext start(Place place) {
    return Fermata.start(Role.ORCHESTRATOR, settings(place));
  }

  private List<String> settings(Place place) {
    List<String> settings = new ArrayList<>(place.settings());
    settings.add("--server.port=0");
    settings.add("--fermata.migration.lease=30s"); // it stays dark until the journal is accepted
    settings.addAll(agents.hosts.inventory());
    return settings;
  }

  private static String order(String from, String to) {
    return "{\"vm\":\"vm-demo\",\"source\":\"%s\",\"destination\":\"%s\"}".formatted(from, to);
  }

  private String moved(String from, String to) {
    HttpResponse<String> taken =
        await()
            .atMost(PATIENCE)
            .until(() -> send("POST", "/migrations", order(from, to)), a -> a.statusCode() == 202);
    String id = JSON.readTree(taken.body()).get("id").asString();
    JsonNode ended = ended(id);
    assertEquals("SUCCEEDED", ended.get("outcome").asString(), ended::toString);
    agents.hosts.awaitAtRest(to);
    return id;
  }

  private JsonNode ended(String m) {
    return await()
        .atMost(PATIENCE)
        .until(() -> get("/migrations/" + m), shown -> !shown.get("outcome").isNull());
  }

  private JsonNode get(String path) {
    HttpResponse<String> answer = send("GET", path, null);
    assertEquals(200, answer.statusCode(), answer.body());
    return JSON.readTree(answer.body());
  }

  private HttpResponse<String> send(String method, String path, String body) {
    return to(method, "/api/v1" + path, body);
  }

  private HttpResponse<String> to(String method, String path, String body) {
    return send(request(method, path, body).build());
  }

  private HttpRequest.Builder request(String method, String path, String body) {
    String port = orchestrator.getEnvironment().getProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Content-Type", "application/json")
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(HttpRequest request) {
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
