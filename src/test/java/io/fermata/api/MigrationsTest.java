package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Starting, finding, waiting for and steering migrations. */
class MigrationsTest {
  static final String START =
      """
      {"vm": "vm-1", "source": "host-a", "destination": "host-b",
       "devices": [{"source": "gpu0", "destination": "gpu0"},
                   {"source": "nic0", "destination": "nic3"}],
       "preCopy": {"enabled": true, "maxSeconds": 60, "switchoverBelowBytes": 1024},
       "blackoutBudgetMs": 850, "onBudgetExceeded": "continue",
       "reason": "OPS-412", "priority": "system"}
      """;

  private final ApiServer api = ApiServer.fresh();

  @Test
  void aStartIsTakenAsItWasAsked() {
    HttpResponse<String> response = api.post("/migrations", START);
    assertEquals(202, response.statusCode(), response::body);
    JsonNode view = ApiServer.json(response);
    String id = view.get("id").stringValue();
    assertEquals(
        "/api/v1/migrations/" + id, response.headers().firstValue("Location").orElseThrow());
    Order order = api.migrations.submissions.getFirst().order();
    assertEquals("nic3", order.devices().get(1).destination().value());
    assertEquals(850, order.blackoutBudgetMillis());
    assertEquals(Order.OnBudgetExceeded.CONTINUE, order.onBudgetExceeded());
    assertEquals(60, order.preCopy().maxSeconds());
    assertEquals("system", order.priority());
    assertFalse(response.body().contains("the-secret-token"));
    for (String member : List.of("outcome", "error", "progress", "gates", "blackout", "epoch")) {
      assertTrue(view.has(member), member);
    }
    assertEquals(5, view.get("conditions").size());
    assertTrue(view.get("progress").get("bytesDone").isNull(), "not known is null");
  }

  @Test
  void aFormWithoutDevicesTakesAllOfTheVm() {
    api.fleet.devices("host-a", all -> all.subList(0, 2));
    HttpResponse<String> response =
        api.form("/migrations", "vm=vm-1&source=host-a&destination=host-b&blackoutBudgetMs=900");
    assertEquals(202, response.statusCode(), response::body);
    Order order = api.migrations.submissions.getFirst().order();
    assertEquals(2, order.devices().size());
    assertEquals(900, order.blackoutBudgetMillis());
  }

  @Test
  void aPlanAndADryRunTouchNothing() {
    JsonNode plan = ApiServer.json(api.post("/plans", START));
    assertTrue(plan.get("feasible").booleanValue(), plan::toString);
    assertEquals(200, plan.get("blackout").get("estimateMs").intValue(), plan::toString);
    assertEquals("device", plan.get("blackout").get("basis").stringValue());
    assertEquals(9, plan.get("order").size());
    assertTrue(plan.has("expires"));
    assertEquals(200, api.post("/migrations?dryRun=true", START).statusCode());
    assertTrue(api.migrations.calls.isEmpty());
  }

  @Test
  void theSameKeyAndRequestGetTheSameAnswer() {
    String first = id(api.post("/migrations", START, "Idempotency-Key", "k-1"));
    // By now the devices are held: the prechecks would refuse what was taken before.
    api.fleet.devices("host-a", all -> List.of());
    HttpResponse<String> again =
        api.post("/migrations", START.replace("\n", " "), "Idempotency-Key", "\"k-1\"");
    assertEquals(202, again.statusCode(), again::body);
    assertEquals(first, id(again));
    assertEquals("true", again.headers().firstValue("Idempotency-Replayed").orElse("no"));
    assertEquals(1, api.migrations.submissions.size());
    var other = api.post("/migrations", START.replace("850", "851"), "Idempotency-Key", "k-1");
    BadInputTest.problem(422, "KEY_REUSED", other);
  }

  @Test
  void anyUniqueBeginningOfAnIdWillDo() {
    String id = id(api.post("/migrations", START));
    api.post("/migrations", START);
    assertEquals(id, id(api.get("/migrations/" + id.substring(0, 4))));
    JsonNode problem = BadInputTest.problem(409, "AMBIGUOUS_ID", api.get("/migrations/mig"));
    assertEquals(2, problem.get("candidates").size());
    BadInputTest.problem(404, "UNKNOWN_MIGRATION", api.get("/migrations/zzz"));
    BadInputTest.problem(404, "UNKNOWN_MIGRATION", api.get("/migrations/..%20.."));
  }

  @Test
  void aLongPollAnswersWhenItIsDone() {
    Migration migration = started();
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> api.get("/migrations/" + migration.id() + "?wait=20s&until=done"));
    Awaitility.await().until(() -> api.migrations.waiting() == 1);
    Migration copying = FakeMigrations.in(migration, Phase.COPYING, null);
    api.migrations.put(copying);
    Awaitility.await().until(() -> api.migrations.waiting() == 1);
    assertFalse(answer.isDone(), "COPYING is not done");
    api.migrations.put(FakeMigrations.in(copying, Phase.DONE, Outcome.SUCCEEDED));
    JsonNode view = ApiServer.json(answer.join());
    assertEquals("SUCCEEDED", view.get("outcome").stringValue());
    assertEquals(100, view.get("progress").get("percent").intValue());
  }

  @Test
  void aLongPollForAChangeAnswersAtOnceWhenItWasMissed() {
    Migration migration = started();
    api.migrations.put(FakeMigrations.in(migration, Phase.CHECKING, null));
    String path = "/migrations/" + migration.id() + "?wait=20s&until=change&after=1";
    assertEquals(2, ApiServer.json(api.get(path)).get("version").intValue());
    var none = api.get("/migrations/" + migration.id() + "?wait=100ms&until=change");
    assertEquals(200, none.statusCode());
    BadInputTest.problem(422, "INVALID_REQUEST", api.get("/migrations/mig?wait=2h"));
  }

  @Test
  void anAbortFollowsTheContract() {
    Migration migration = started();
    String path = "/migrations/" + migration.id() + "/abort";
    HttpResponse<String> taken = api.form(path, "reason=rail+flaps");
    assertEquals(202, taken.statusCode(), taken::body);
    assertTrue(api.migrations.calls.contains("abort " + migration.id() + " rail flaps"));
    Migration back = FakeMigrations.in(migration, Phase.ROLLING_BACK, null);
    api.migrations.put(back);
    assertEquals(200, api.form(path, "").statusCode());
    api.migrations.answerWith(new Result.Conflict(back, Reason.PAST_COMMIT));
    JsonNode problem = BadInputTest.problem(409, "PAST_COMMIT", api.form(path, ""));
    assertEquals("ROLLING_BACK", problem.get("phase").stringValue());
    assertTrue(problem.get("detail").stringValue().contains("goes forward"));
    assertEquals(1, problem.get("next").size());
    api.migrations.answerWith(new Result.Conflict(back, Reason.USE_RESOLVE));
    BadInputTest.problem(409, "USE_RESOLVE", api.form(path, ""));
    api.migrations.answerWith(new Result.Unavailable("disk full"));
    JsonNode full = BadInputTest.problem(503, "JOURNAL_UNAVAILABLE", api.form(path, ""));
    assertTrue(full.get("retryable").booleanValue());
  }

  @Test
  void aRetryIsANewAttempt() {
    Migration migration = started();
    String path = "/migrations/" + migration.id() + "/retry";
    BadInputTest.problem(409, "NOT_ENDED", api.form(path, ""));
    api.migrations.put(FakeMigrations.in(migration, Phase.DONE, Outcome.SUCCEEDED));
    BadInputTest.problem(409, "SUCCEEDED_ALREADY", api.form(path, ""));
    api.migrations.put(FakeMigrations.in(migration, Phase.DONE, Outcome.ROLLED_BACK));
    HttpResponse<String> again = api.form(path, "");
    assertEquals(202, again.statusCode(), again::body);
    var submission = api.migrations.submissions.getLast();
    assertEquals(2, submission.attempt());
    assertEquals("retry", submission.trigger());
    assertEquals(migration.id().value(), submission.retryOf());
    BadInputTest.problem(422, "INVALID_REQUEST", api.form(path, "destination=host-x"));
    BadInputTest.problem(422, "INVALID_REQUEST", api.form(path, "destinatoin=host-b"));
  }

  @Test
  void aBudgetAndABandwidthCanBeChangedAndTheRestNotYet() {
    Migration migration = started();
    assertEquals(200, patch(migration, "{\"blackoutBudgetMs\": 1500}").statusCode());
    assertTrue(api.migrations.calls.contains("budget " + migration.id() + " 1500"));
    assertEquals(200, patch(migration, "{\"priority\": \"emergency\"}").statusCode());
    assertEquals("priority " + migration.id() + " EMERGENCY", api.migrations.calls.getLast());
    assertEquals(200, patch(migration, "{\"bandwidth\": 100000000}").statusCode());
    assertTrue(api.migrations.calls.contains("bandwidth " + migration.id() + " 100000000"));
    int before = api.migrations.calls.size();
    BadInputTest.problem(422, "INVALID_REQUEST", patch(migration, "{\"bandwidth\": 4096}"));
    BadInputTest.problem(422, "INVALID_REQUEST", patch(migration, "{}"));
    assertEquals(before, api.migrations.calls.size());
    assertEquals(202, api.form("/migrations/" + migration.id() + "/switchover", "").statusCode());
  }

  @Test
  void aListIsPagedAndFiltered() {
    for (int i = 0; i < 3; i++) {
      api.post("/migrations", START);
    }
    JsonNode page = ApiServer.json(api.get("/migrations?limit=2&phase=active&since=6h&vm=vm-1"));
    assertEquals(2, page.get("items").size());
    String cursor = page.get("cursor").stringValue();
    JsonNode last = ApiServer.json(api.get("/migrations?limit=2&cursor=" + cursor));
    assertEquals(1, last.get("items").size());
    assertTrue(last.get("cursor").isNull());
    assertTrue(api.migrations.calls.stream().anyMatch(call -> call.contains("phase=active")));
  }

  private Migration started() {
    api.post("/migrations", START);
    return api.migrations
        .find(api.migrations.idsStartingWith("", 1).getFirst())
        .orElseThrow()
        .migration();
  }

  private HttpResponse<String> patch(Migration migration, String body) {
    return api.send(
        api.request("/migrations/" + migration.id())
            .header("Content-Type", "application/json")
            .method("PATCH", BodyPublishers.ofString(body)));
  }

  private static String id(HttpResponse<String> response) {
    return ApiServer.json(response).get("id").stringValue();
  }
}
