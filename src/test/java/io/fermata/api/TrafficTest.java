package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Phase;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits, queue and admission over HTTP. */
class TrafficTest {
  private ApiServer server;

  @BeforeEach
  void fresh() {
    server = ApiServer.fresh();
  }

  @Test
  void theLimitsAreShownWithWhatIsInUse() {
    var limits = ApiServer.json(server.get("/limits"));
    assertEquals(4, limits.get("perSource").intValue());
    assertEquals(4, limits.get("inUse").get("perSource").get("host-a").intValue());
    assertEquals(0, limits.get("version").intValue());
    String text = server.get("/limits?o=text").body();
    assertTrue(text.contains("perSource       4     host-a 4"), text);
    assertTrue(text.endsWith("next: curl \"$F/queue?o=text\"\n"), text);
  }

  @Test
  void whoeverSetsLimitsNamesTheVersionAndWhatIsLeftOutStays() {
    BadInputTest.problem(428, "VERSION_REQUIRED", put("/limits", "{\"blackouts\": 2}"));
    var set = put("/limits", "{\"blackouts\": 2}", "If-Match", "\"0\"");
    assertEquals(200, set.statusCode(), set.body());
    assertEquals("\"1\"", set.headers().firstValue("ETag").orElseThrow());
    assertEquals(2, ApiServer.json(set).get("blackouts").intValue());
    assertEquals(3, ApiServer.json(set).get("perDestination").intValue());
    var late = put("/limits", "{\"blackouts\": 3}", "If-Match", "\"0\"");
    BadInputTest.problem(412, "STALE_VERSION", late);
  }

  @Test
  void anImpossibleLimitIsRefusedAndNothingIsChanged() {
    for (String body : new String[] {"{}", "{\"cluster\": 0}", "{\"perSorce\": 3}"}) {
      var answer = put("/limits", body, "If-Match", "\"0\"");
      BadInputTest.problem(422, "INVALID_REQUEST", answer);
    }
    assertEquals(0, ApiServer.json(server.get("/limits")).get("version").intValue());
  }

  @Test
  void theQueueSaysWhoWaitsForWhat() {
    Migration holder = start();
    Migration waits = start();
    server.traffic.waits(waits, holder.id().value());
    var first = ApiServer.json(server.get("/queue")).get("starting").get(0);
    assertEquals(waits.id().value(), first.get("id").stringValue());
    assertEquals("source", first.get("limit").stringValue());
    assertEquals("host-a", first.get("where").stringValue());
    assertEquals("miga", first.get("holders").get(0).stringValue());
    String text = server.get("/queue?o=text").body();
    assertTrue(text.contains("source host-a 4/4"), text);
    String footer = "2 active (limit 5) · 1 in blackout (limit 1) · 1 waiting";
    assertTrue(text.contains(footer), text);
    String list = server.get("/migrations?o=text").body();
    assertTrue(list.contains(footer), list);
  }

  @Test
  void aPauseNeedsAReasonAndEndsByItself() {
    BadInputTest.problem(422, "INVALID_REQUEST", put("/admission", "{\"state\": \"paused\"}"));
    String wrong = "{\"state\": \"open\", \"reason\": \"r\", \"expiry\": \"2h\"}";
    BadInputTest.problem(422, "INVALID_REQUEST", put("/admission", wrong));
    String past =
        "{\"state\": \"paused\", \"reason\": \"r\", \"expiry\": \"2020-01-01T00:00:00Z\"}";
    BadInputTest.problem(422, "INVALID_REQUEST", put("/admission", past));
    assertEquals("open", state());
    String body = "{\"state\": \"paused\", \"reason\": \"OPS-1 fabric\", \"expiry\": \"2h\"}";
    var paused = ApiServer.json(put("/admission", body));
    assertEquals("paused", paused.get("state").stringValue());
    assertTrue(paused.get("expires").isString());
    String text = server.get("/admission?o=text").body();
    assertTrue(text.contains("ends by itself in "), text);
    assertTrue(text.contains("reason: OPS-1 fabric"), text);
    put("/admission", "{\"state\": \"open\", \"reason\": \"over\"}");
    assertEquals("open", state());
  }

  @Test
  void whoDoesNotWantToWaitIsRefusedWhileNothingStarts() {
    put("/admission", "{\"state\": \"paused\", \"reason\": \"OPS-1\"}");
    assertEquals(202, server.post("/migrations", START).statusCode());
    BadInputTest.problem(409, "ADMISSION_PAUSED", server.post("/migrations?noWait", START));
  }

  @Test
  void aFullQueueSaysWhenToComeBack() {
    server.migrations.answerWith(new Result.QueueFull(100));
    var full = server.post("/migrations", START);
    BadInputTest.problem(429, "QUEUE_FULL", full);
    assertTrue(full.headers().firstValue("Retry-After").isPresent());
    assertTrue(ApiServer.json(full).get("retryable").booleanValue());
  }

  @Test
  void manyAreGivenUpAtOnceOnceTheyWereShown() {
    Migration one = start();
    Migration moving = FakeMigrations.in(one, Phase.PRECOPYING, null);
    server.migrations.put(moving);
    start();
    String path = "/migrations/-/abort?phase=precopying";
    var shown = ApiServer.json(server.post(path + "&dryRun=true", "{\"reason\": \"fabric\"}"));
    assertEquals(1, shown.get("items").size());
    assertEquals(one.id().value(), shown.get("items").get(0).get("id").stringValue());
    assertTrue(server.migrations.calls.stream().noneMatch(c -> c.startsWith("abort")));
    BadInputTest.problem(422, "INVALID_REQUEST", server.post(path, "{\"reason\": \"fabric\"}"));
    String wrong = "{\"reason\": \"fabric\", \"confirm\": \"nonsense\"}";
    String version = shown.get("version").asString();
    BadInputTest.problem(428, "VERSION_REQUIRED", server.post(path, wrong));
    BadInputTest.problem(422, "UNCONFIRMED", post(path, wrong, version));
    String word = shown.get("confirm").stringValue();
    String body = "{\"reason\": \"fabric\", \"confirm\": \"" + word + "\"}";
    var other = post("/migrations/-/abort?phase=queued", body, version);
    BadInputTest.problem(422, "UNCONFIRMED", other);
    BadInputTest.problem(422, "UNCONFIRMED", post(path, body, "1"));
    var done = post(path, body, version);
    assertEquals(200, done.statusCode(), done.body());
    assertEquals("asked", ApiServer.json(done).get("items").get(0).get("result").stringValue());
    assertEquals(1, server.migrations.calls.stream().filter(c -> c.startsWith("abort")).count());
    BadInputTest.problem(422, "UNCONFIRMED", post(path, body, version));
    BadInputTest.problem(
        422, "INVALID_REQUEST", server.post("/migrations/-/abort?dryRun=true", "{}"));
  }

  private static final String START =
      "{\"vm\": \"vm-1\", \"source\": \"host-a\", \"destination\": \"host-b\"}";

  private Migration start() {
    var answer = server.post("/migrations", START);
    assertEquals(202, answer.statusCode(), answer.body());
    String id = ApiServer.json(answer).get("id").stringValue();
    return server
        .migrations
        .find(new io.fermata.handover.MigrationId(id))
        .orElseThrow()
        .migration();
  }

  private String state() {
    return ApiServer.json(server.get("/admission")).get("state").stringValue();
  }

  private HttpResponse<String> post(String path, String json, String version) {
    return server.send(
        server
            .request(path)
            .header("Content-Type", "application/json")
            .header("If-Match", "\"" + version + "\"")
            .POST(BodyPublishers.ofString(json)));
  }

  private HttpResponse<String> put(String path, String json, String... headers) {
    var request =
        server
            .request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json));
    return server.send(headers.length == 0 ? request : request.headers(headers));
  }
}
