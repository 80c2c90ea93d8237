package io.fermata.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.journal.JournalFault;
import io.fermata.migration.Migration;
import io.fermata.migration.Phase;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who asked for what is on record before it is done, and what became of it after. */
class AuditTest {
  private static final AtomicInteger REQUESTS = new AtomicInteger();

  private final ApiServer api = ApiServer.fresh();

  @AfterEach
  void theStoreWorks() {
    api.journal.failing(change -> Optional.empty());
  }

  @Test
  void anAbortIsOnRecordWithWhoWhyWhereAndBothVersions() {
    Migration migration = put("miga0000");
    String request = request();
    api.post("/migrations/miga/abort", "{\"reason\":\"rail flaps\"}", RequestId.HEADER, request);
    JsonNode done = records(request, 2).get(0);
    JsonNode attempt = records(request, 2).get(1);
    assertEquals("attempt", attempt.get("decision").asString());
    assertEquals(migration.version(), attempt.get("versionBefore").asLong());
    assertTrue(attempt.get("status").isNull());
    for (JsonNode record : List.of(attempt, done)) {
      assertEquals("migrations.abort", record.get("action").asString());
      assertEquals("miga0000", record.get("subject").asString());
      assertEquals("anonymous", record.get("actor").asString());
      assertEquals("rail flaps", record.get("reason").asString());
      assertEquals("127.0.0.1", record.get("remote").asString());
      assertEquals("POST /api/v1/migrations/miga/abort", record.get("request").asString());
    }
    assertEquals("done", done.get("decision").asString());
    assertEquals(202, done.get("status").asInt());
    assertEquals(migration.version(), done.get("versionAfter").asLong());
  }

  @Test
  void aStartIsOnRecordUnderTheIdThatItGotAndARefusedOneWithItsCode() {
    String request = request();
    var started = api.post("/migrations", MigrationsTest.START, RequestId.HEADER, request);
    assertEquals(202, started.statusCode());
    assertEquals(request, started.headers().firstValue(RequestId.HEADER).orElse(""));
    JsonNode done = records(request, 2).get(0);
    assertEquals("migrations.create", done.get("action").asString());
    assertEquals(ApiServer.json(started).get("id").asString(), done.get("subject").asString());

    String wrong = request();
    api.post("/migrations", "{\"vm\":\"v\"}", RequestId.HEADER, wrong);
    JsonNode refused = records(wrong, 2).get(0);
    assertEquals("refused", refused.get("decision").asString());
    assertEquals("INVALID_REQUEST", refused.get("code").asString());
    String nowhere = request();
    api.post("/migration", "{}", RequestId.HEADER, nowhere);
    assertEquals("unknown", records(nowhere, 1).get(0).get("action").asString());
  }

  @Test
  void anEscapedPathIsNoWayAroundTheRecord() {
    put("miga0000");
    String request = request();
    var aborted =
        api.send(
            HttpRequest.newBuilder(api.at("/%61pi/v1/migrations/miga/abort"))
                .header(RequestId.HEADER, request)
                .POST(HttpRequest.BodyPublishers.noBody()));
    assertEquals(202, aborted.statusCode());
    assertEquals("migrations.abort", records(request, 2).get(0).get("action").asString());
  }

  @Test
  void whatOnlyLooksIsNotAudited() {
    String request = request();
    api.get("/migrations", RequestId.HEADER, request);
    api.post("/plans", MigrationsTest.START, RequestId.HEADER, request);
    String last = request();
    api.post("/migrations", "{}", RequestId.HEADER, last);
    records(last, 2);
    assertEquals(List.of(), records(request));
  }

  @Test
  void whatCannotBePutOnRecordIsNotDoneButAnAbortIsAndIsWrittenLater() {
    put("miga0000");
    api.journal.failing(change ->
        change.extras().isEmpty()
            ? Optional.empty()
            : Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "appending")));
    String start = request();
    var refused = api.post("/migrations", MigrationsTest.START, RequestId.HEADER, start);
    BadInputTest.problem(503, "AUDIT_UNAVAILABLE", refused);
    assertTrue(refused.body().contains("/runbooks/FermataAuditWriteFailing"), refused::body);
    assertFalse(api.migrations.calls.contains("submit"));

    String abort = request();
    assertEquals(
        202, api.post("/migrations/miga/abort", "{}", RequestId.HEADER, abort).statusCode());
    assertTrue(api.migrations.calls.contains("abort miga0000 no reason given"));
    assertEquals(List.of(), records(abort));
    assertTrue(ApiServer.json(api.get("/audit/verify")).get("waiting").asInt() >= 3);

    api.journal.failing(change -> Optional.empty());
    records(abort, 2);
    JsonNode failed = records(start, 1).get(0);
    assertEquals("failed", failed.get("decision").asString());
    assertEquals("AUDIT_UNAVAILABLE", failed.get("code").asString());
    JsonNode verified = ApiServer.json(api.get("/audit/verify"));
    assertTrue(verified.get("intact").asBoolean());
    assertEquals(0, verified.get("waiting").asInt());
  }

  @Test
  void recordsAreFilteredPagedAndReadAsText() {
    put("miga0000");
    String request = request();
    api.post("/migrations/miga/switchover", "{}", RequestId.HEADER, request);
    records(request, 2);
    JsonNode page =
        ApiServer.json(api.get("/audit?action=migrations.switchover&subject=miga0000&limit=1"));
    assertEquals("done", page.get("items").get(0).get("decision").asString());
    JsonNode next =
        ApiServer.json(
            api.get(
                "/audit?action=migrations&subject=miga0000&limit=1&cursor="
                    + page.get("cursor").asString()));
    assertEquals("attempt", next.get("items").get(0).get("decision").asString());
    assertEquals(0, ApiServer.json(api.get("/audit?actor=nobody&since=1h")).get("items").size());
    String text = api.get("/audit?decision=done&action=migrations.switchover&o=text").body();
    assertTrue(text.contains("migrations.switchover"), text);
    assertTrue(text.endsWith("next: curl \"$F/audit/verify?o=text\"\n"), text);
    assertTrue(text.lines().allMatch(line -> line.codePointCount(0, line.length()) <= 100), text);
    assertTrue(api.get("/audit/verify?o=text").body().startsWith("intact: "));
    BadInputTest.problem(422, "INVALID_REQUEST", api.get("/audit?cursor=%21"));
    BadInputTest.problem(422, "INVALID_REQUEST", api.get("/audit?decision=maybe"));
  }

  @Test
  void actionsAreNamedAfterThePath() {
    assertEquals("migrations.create", AuditFilter.action("POST", "/api/v1/migrations"));
    assertEquals("migrations.change", AuditFilter.action("PATCH", "/api/v1/migrations/{m}"));
    assertEquals("migrations.abort", AuditFilter.action("POST", "/api/v1/migrations/{m}/abort"));
    assertEquals("limits.put", AuditFilter.action("PUT", "/api/v1/limits"));
    assertEquals("hosts.delete", AuditFilter.action("DELETE", "/api/v1/hosts/{h}"));
    assertEquals(
        "hosts.devices.reset", AuditFilter.action("POST", "/api/v1/hosts/{h}/devices/{d}/reset"));
  }

  private Migration put(String id) {
    api.post("/migrations", MigrationsTest.START);
    var submission = api.migrations.submissions.getLast();
    Migration migration =
        FakeMigrations.in(FakeMigrations.fresh(id, submission), Phase.PRECOPYING, null);
    api.migrations.clear();
    return api.migrations.put(migration).migration();
  }

  private static String request() {
    return "audit-test-" + REQUESTS.incrementAndGet();
  }

  private List<JsonNode> records(String request) {
    return ApiServer.json(api.get("/audit?limit=500"))
        .get("items")
        .valueStream()
        .filter(item -> item.get("requestId").asString().equals(request))
        .toList();
  }

  private List<JsonNode> records(String request, int count) {
    await().until(() -> records(request).size() == count);
    return records(request);
  }
}
