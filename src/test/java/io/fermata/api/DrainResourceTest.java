package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.drain.Drains;
import io.fermata.handover.HostName;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Evacuating a host over HTTP. */
class DrainResourceTest {
  private static final HostName A = new HostName("host-a");

  private final ApiServer api = ApiServer.fresh();

  private JsonNode begun(String body, String... headers) {
    HttpResponse<String> answer = api.post("/drains", body, headers);
    assertEquals(202, answer.statusCode(), answer::body);
    return ApiServer.json(answer);
  }

  private static String code(HttpResponse<String> answer, int status) {
    assertEquals(status, answer.statusCode(), answer::body);
    return ApiServer.json(answer).get("code").asString();
  }

  @Test
  void aDryRunTellsPlacesAndObstaclesAndDoesNothing() {
    HttpResponse<String> answer = api.form("/drains?dryRun=true", "host=host-a&exclude=vm-other");
    assertEquals(200, answer.statusCode(), answer::body);
    JsonNode shown = ApiServer.json(answer);
    assertTrue(shown.get("id").isNull());
    assertEquals("host-b", shown.get("moves").get(0).get("destination").asString());
    assertEquals("vm-1", shown.get("moves").get(0).get("vm").asString());
    JsonNode blocker = shown.get("blockers").get(0);
    assertEquals("DEVICE_CANNOT_MIGRATE", blocker.get("code").asString());
    assertEquals("vm-2", blocker.get("vm").asString());
    assertEquals(List.of(), api.migrations.submissions);
    assertEquals(null, api.fleet.marks(A).cordon());
    String text = api.form("/drains?dryRun=true&o=text", "host=host-a").body();
    assertTrue(text.contains("in the way: vm-2 "), text);
    assertTrue(text.contains("  fix: curl "), text);
  }

  @Test
  void itStartsOnceAndIsFoundByTheBeginningOfItsId() {
    String body = "{\"host\":\"host-a\",\"reason\":\"OPS-7\",\"concurrency\":1}";
    JsonNode drain = begun(body, "Idempotency-Key", "drain-" + System.identityHashCode(this));
    String id = drain.get("id").asString();
    HttpResponse<String> again =
        api.post("/drains", body, "Idempotency-Key", "drain-" + System.identityHashCode(this));
    assertEquals("true", again.headers().firstValue("Idempotency-Replayed").orElse(""));
    assertEquals(id, ApiServer.json(again).get("id").asString());
    assertEquals("DRAIN_EXISTS", code(api.post("/drains", body), 409));
    assertTrue(api.fleet.marks(A).cordon().reason().contains(id));
    api.context.getBean(Drains.class).look();
    assertEquals("drain", api.migrations.submissions.getFirst().trigger());
    HttpResponse<String> shown = api.get("/drains/" + id.substring(0, 8));
    JsonNode now = ApiServer.json(shown);
    assertEquals("MOVING", now.get("moves").get(0).get("state").asString());
    assertFalse(now.get("safeToPowerOff").asBoolean());
    assertNotEquals(0, now.get("powerOff").get("reasons").size());
    assertTrue(shown.headers().firstValue("ETag").isPresent());
    assertEquals("UNKNOWN_DRAIN", code(api.get("/drains/zzzz"), 404));
  }

  @Test
  void itIsPausedResumedAndCalledOff() {
    String path = "/drains/" + begun("{\"host\":\"host-a\"}").get("id").asString();
    assertEquals("PAUSED", phase(api.post(path + "/pause", "{}")));
    assertEquals("DRAINING", phase(api.post(path + "/resume", "{}")));
    HttpResponse<String> off = api.post(path + "/cancel?children=abort", "{\"reason\":\"no\"}");
    assertEquals(202, off.statusCode());
    assertTrue(ApiServer.json(off).get("cancel").get("children").asBoolean());
    assertEquals("DRAIN_ENDED", code(api.post(path + "/resume", "{}"), 409));
    Drains drains = api.context.getBean(Drains.class);
    drains.look();
    drains.look();
    assertEquals("CANCELLED", phase(api.get(path)));
    assertEquals(null, api.fleet.marks(A).cordon());
    JsonNode list = ApiServer.json(api.get("/drains?host=host-a&phase=cancelled&limit=1"));
    assertEquals(1, list.get("items").size());
  }

  private static String phase(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer::body);
    return ApiServer.json(answer).get("phase").asString();
  }

  @Test
  void whatIsMistypedIsToldBeforeAnythingMoves() {
    String body = "{\"host\":\"host-a\",\"exclude\":[\"vm-l\"],\"destinations\":[\"host-q\"]}";
    HttpResponse<String> refused = api.post("/drains", body);
    assertEquals("INVALID_REQUEST", code(refused, 422));
    assertTrue(refused.body().contains("belongs to vm-l"), refused::body);
    assertTrue(refused.body().contains("destinations"), refused::body);
    assertEquals("INVALID_REQUEST", code(api.post("/drains", "{\"host\":\"nowhere\"}"), 422));
    assertEquals("INVALID_REQUEST", code(api.post("/drains", "{}"), 422));
    assertEquals(
        "INVALID_REQUEST",
        code(api.post("/drains", "{\"host\":\"host-a\",\"destinations\":[\"host-a\"]}"), 422));
    assertEquals("INVALID_REQUEST", code(api.get("/drains?cursor=nothing"), 422));
  }
}
