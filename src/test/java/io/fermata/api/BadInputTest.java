package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.api.problem.Problem;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Whatever is wrong with a request: a problem document that names it, and nothing is changed. */
class BadInputTest {
  private final ApiServer api = ApiServer.fresh();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // field | code | body, with ' for "
        "source|UNKNOWN_HOST|{'vm':'vm-1','source':'host-x','destination':'host-b'}",
        "destination|UNKNOWN_HOST|{'vm':'vm-1','source':'host-a','destination':'host-x'}",
        "destination|SAME_HOST|{'vm':'vm-1','source':'host-a','destination':'host-a'}",
        "vm|MISSING|{'source':'host-a','destination':'host-b'}",
        "source|MISSING|{'vm':'vm-1','destination':'host-b'}",
        "source|BAD_VALUE|{'vm':'vm-1','source':'-bad-','destination':'host-b'}",
        "source|BAD_VALUE|{'vm':'vm-1','source':'http://10.0.0.1/','destination':'host-b'}",
        "vm|BAD_VALUE|{'vm':'../../etc','source':'host-a','destination':'host-b'}",
        "vm|WRONG_TYPE|{'vm':7,'source':'host-a','destination':'host-b'}",
        "blackoutBudgetsMs|UNKNOWN_FIELD|{BASE,'blackoutBudgetsMs':850}",
        "blackoutBudgetMs|WRONG_TYPE|{BASE,'blackoutBudgetMs':'850'}",
        "blackoutBudgetMs|WRONG_TYPE|{BASE,'blackoutBudgetMs':8.5}",
        "blackoutBudgetMs|OUT_OF_RANGE|{BASE,'blackoutBudgetMs':-1}",
        "blackoutBudgetMs|OUT_OF_RANGE|{BASE,'blackoutBudgetMs':99999999999999999999}",
        "preCopy|WRONG_TYPE|{BASE,'preCopy':true}",
        "preCopy.maxSeconds|OUT_OF_RANGE|{BASE,'preCopy':{'maxSeconds':0}}",
        "preCopy.switchoverBelowBytes|OUT_OF_RANGE|{BASE,'preCopy':{'switchoverBelowBytes':-5}}",
        "preCopy.enabled|WRONG_TYPE|{BASE,'preCopy':{'enabled':'yes'}}",
        "preCopy.seconds|UNKNOWN_FIELD|{BASE,'preCopy':{'seconds':1}}",
        "priority|BAD_VALUE|{BASE,'priority':'urgent'}",
        "onBudgetExceeded|BAD_VALUE|{BASE,'onBudgetExceeded':'panic'}",
        "reason|BAD_VALUE|{BASE,'reason':''}",
        "devices|WRONG_TYPE|{BASE,'devices':'gpu0'}",
        "devices|OUT_OF_RANGE|{BASE, DEVICES[]}",
        "devices[0]|WRONG_TYPE|{BASE, DEVICES['gpu0']}",
        "devices[0].destination|MISSING|{BASE, DEVICES[{'source':'gpu0'}]}",
        "devices[0].source|BAD_VALUE|{BASE, DEVICES[{'source':'/dev/v0','destination':'gpu0'}]}",
        "devices[0].path|UNKNOWN_FIELD|{BASE, DEVICES[{SAME,'path':1}]}",
        "devices[1].source|DUPLICATE|{BASE, DEVICES[PAIR,{'source':'gpu0','destination':'nic0'}]}",
        "devices[1].destination|DUPLICATE|{BASE, DEVICES[PAIR,{'source':'a',TO0}]}",
        "devices|NO_MATCH|{'vm':'vm-none','source':'host-a','destination':'host-b'}",
      })
  void aBadFieldIsNamed(String field, String code, String body) {
    String json =
        body.replace("BASE", "'vm':'vm-1','source':'host-a','destination':'host-b'")
            .replace("PAIR", "{'source':'gpu0','destination':'gpu0'}")
            .replace("SAME", "'source':'gpu0','destination':'gpu0'")
            .replace("TO0", "'destination':'gpu0'")
            .replace("DEVICES", "'devices':")
            .replace('\'', '"');
    for (String path : List.of("/migrations", "/migrations?dryRun=true", "/plans")) {
      JsonNode problem = problem(422, "INVALID_REQUEST", api.post(path, json));
      assertTrue(violations(problem).contains(field + " " + code), () -> problem.toString());
    }
    nothingChanged();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "devices[0].source|DEVICES_KNOWN|nope0|gpu0|nope0",
        "devices[0].destination|DEVICES_KNOWN|gpu0|nope0|nope0",
        "devices[0].source|MIGRATION_SUPPORT|dumb0|gpu0|dumb0 (dumb-driver) lacks STOP_COPY",
        "devices[0].source|PEER_TO_PEER|old0|gpu0|old0 (old-driver) lacks P2P",
        "devices[0].source|OWNER|alien0|gpu0|belongs to vm-other",
        "devices[0].destination|OWNER|gpu0|busy0|belongs to vm-9",
      })
  void aFailingCheckIsAViolation(
      String field, String code, String source, String destination, String words) {
    String body =
        """
        {"vm": "vm-1", "source": "host-a", "destination": "host-b", "devices": [
          {"source": "%s", "destination": "%s"}, {"source": "nic0", "destination": "nic0"}]}
        """
            .formatted(source, destination);
    for (String path : List.of("/migrations", "/migrations?dryRun=true")) {
      JsonNode problem = problem(422, "CHECKS_FAILED", api.post(path, body));
      assertTrue(violations(problem).contains(field + " " + code), () -> problem.toString());
      assertTrue(problem.toString().contains(words), () -> problem.toString());
      assertFalse(problem.get("violations").get(0).get("fix").isNull());
      assertFalse(problem.get("device").isNull());
    }
    JsonNode plan = ApiServer.json(api.post("/plans", body));
    assertFalse(plan.get("feasible").booleanValue(), () -> plan.toString());
    nothingChanged();
    assertTrue(api.fleet.refreshed.containsAll(List.of("host-a", "host-b")));
  }

  @Test
  void everyMistakeIsToldAtOnce() {
    JsonNode problem =
        problem(422, "INVALID_REQUEST", api.post("/migrations", "{\"vm\": 1, \"x\": 2}"));
    assertEquals(
        List.of("vm WRONG_TYPE", "source MISSING", "destination MISSING", "x UNKNOWN_FIELD"),
        violations(problem));
  }

  @Test
  void aSetOverSeveralHostsIsRefusedForNow() {
    String body =
        """
        {"vm": "vm-1", "source": "host-a", "destination": "host-b", "devices": [
          {"source": "gpu0", "destination": "gpu0"},
          {"source": {"host": "host-c", "device": "nic0"}, "destination": "nic0"}]}
        """;
    JsonNode problem = problem(422, "SET_SPANS_HOSTS", api.post("/migrations", body));
    assertEquals(List.of("devices[1].source.host SET_SPANS_HOSTS"), violations(problem));
    assertEquals("host-c", problem.get("host").stringValue());
    nothingChanged();
  }

  @Test
  void malformedJsonIsToldWithItsPlace() {
    JsonNode problem =
        problem(400, "MALFORMED_BODY", api.post("/migrations", "{\"vm\": \n  oops}"));
    assertTrue(problem.get("detail").stringValue().contains("line 2, column"), problem::toString);
    problem(400, "MALFORMED_BODY", api.post("/migrations", "[1]"));
    problem(400, "MALFORMED_BODY", api.post("/migrations", "{} {}"));
    problem(400, "MALFORMED_BODY", api.post("/migrations", "{\"vm\":\"a\",\"vm\":\"b\"}"));
    problem(400, "MALFORMED_BODY", api.post("/migrations", "{\"a\":" + "[".repeat(2000)));
    nothingChanged();
  }

  @Test
  void aBodyOfTwoMebibytesIsTooLarge() {
    String body = "{\"vm\": \"" + "x".repeat(2 << 20) + "\"}";
    problem(413, "BODY_TOO_LARGE", api.post("/migrations", body));
    var chunked =
        api.request("/migrations")
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8))));
    problem(413, "BODY_TOO_LARGE", api.send(chunked));
    nothingChanged();
  }

  @Test
  void anotherMediaTypeIsRefused() {
    var xml =
        api.request("/migrations")
            .header("Content-Type", "text/xml")
            .POST(BodyPublishers.ofString("<vm/>"));
    problem(415, "UNSUPPORTED_MEDIA_TYPE", api.send(xml));
    var none = api.request("/migrations").POST(BodyPublishers.ofString("{}"));
    problem(415, "UNSUPPORTED_MEDIA_TYPE", api.send(none));
    nothingChanged();
  }

  @Test
  void aWrongMethodNamesThoseThatAreAllowed() {
    var delete = api.send(api.request("/migrations").DELETE());
    problem(405, "METHOD_NOT_ALLOWED", delete);
    String allow = delete.headers().firstValue("Allow").orElse("");
    assertTrue(allow.contains("GET") && allow.contains("POST"), allow);
  }

  @Test
  void anUnknownPathIsAProblemToo() {
    problem(404, "NOT_FOUND", api.get("/nothing/here"));
    problem(404, "NOT_FOUND", api.post("/nothing", "{}"));
    problem(404, "NOT_FOUND", api.send(java.net.http.HttpRequest.newBuilder(api.at("/what"))));
    problem(404, "NOT_FOUND", api.send(java.net.http.HttpRequest.newBuilder(api.at("/error"))));
  }

  @Test
  void aRepresentationThatThereIsNotIsRefused() {
    problem(406, "NOT_ACCEPTABLE", api.get("/migrations", "Accept", "image/png"));
    problem(406, "NOT_ACCEPTABLE", api.get("/migrations?o=svg"));
  }

  @ParameterizedTest
  @CsvSource({
    "hots=a, hots, UNKNOWN_FIELD",
    "limit=ten, limit, WRONG_TYPE",
    "limit=0, limit, OUT_OF_RANGE",
    "phase=nowhere, phase, BAD_VALUE",
    "outcome=fine, outcome, BAD_VALUE",
    "since=yesterday, since, BAD_VALUE",
    "cursor=zzz, cursor, BAD_VALUE",
    "vm=a&vm=b, vm, WRONG_TYPE"
  })
  void aBadQueryIsNamed(String query, String field, String code) {
    JsonNode problem = problem(422, "INVALID_REQUEST", api.get("/migrations?" + query));
    assertEquals(List.of(field + " " + code), violations(problem));
  }

  @Test
  void anIdempotencyKeyHasAForm() {
    JsonNode problem =
        problem(422, "INVALID_REQUEST", api.post("/migrations", "{}", "Idempotency-Key", "a b"));
    assertEquals(List.of("Idempotency-Key BAD_VALUE"), violations(problem));
    nothingChanged();
  }

  private static List<String> violations(JsonNode problem) {
    var found = new ArrayList<String>();
    for (JsonNode violation : problem.get("violations")) {
      found.add(violation.get("field").stringValue() + " " + violation.get("code").stringValue());
    }
    return found;
  }

  private void nothingChanged() {
    assertTrue(api.migrations.calls.isEmpty(), () -> "calls: " + api.migrations.calls);
  }

  /** The document of a response, after looking at what all of them have in common. */
  static JsonNode problem(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    assertEquals(Problem.MEDIA_TYPE, response.headers().firstValue("Content-Type").orElse("none"));
    JsonNode problem = ApiServer.json(response);
    assertEquals(code, problem.get("code").stringValue(), response::body);
    assertEquals(status, problem.get("status").intValue());
    assertFalse(problem.get("detail").stringValue().isBlank());
    for (String member :
        List.of(
            "type",
            "title",
            "retryable",
            "phase",
            "host",
            "device",
            "violations",
            "runbook",
            "next")) {
      assertTrue(problem.has(member), member);
    }
    assertFalse(response.body().contains("\tat ") || response.body().contains("Exception"));
    return problem;
  }
}
