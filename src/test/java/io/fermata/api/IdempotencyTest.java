package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Phase;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A key on any POST: the same request is answered again, another one is refused. */
class IdempotencyTest {
  private static final String START =
      """
      {"vm": "vm-1", "source": "host-a", "destination": "host-b",
       "devices": [{"source": "gpu0", "destination": "gpu0"},
                   {"source": "nic0", "destination": "nic3"}]%s}
      """;

  private final ApiServer api = ApiServer.fresh();

  @ParameterizedTest
  @CsvSource({"/abort, abort", "/switchover, switchover"})
  void aCommandIsCarriedOutOnce(String path, String call) {
    String command = "/migrations/" + started() + path;
    HttpResponse<String> first = keyed(command, "{}");
    HttpResponse<String> again = keyed(command, " {} ");
    assertEquals(202, first.statusCode(), first::body);
    assertEquals(202, again.statusCode(), again::body);
    assertEquals("", replayed(first));
    assertEquals("true", replayed(again));
    assertEquals(1, api.migrations.calls.stream().filter(c -> c.startsWith(call)).count());
  }

  @Test
  void theAnswerIsTheFirstOneThoughThingsWentOn() {
    Migration migration = api.migrations.find(ids().getFirst()).orElseThrow().migration();
    String command = "/migrations/" + migration.id() + "/switchover";
    assertEquals(202, keyed(command, "").statusCode());
    api.migrations.put(FakeMigrations.in(migration, Phase.CHECKING, null));
    api.migrations.answerWith(new Result.Conflict(migration, Reason.NOT_NOW));
    HttpResponse<String> again = keyed(command, "");
    assertEquals(202, again.statusCode(), again::body);
    assertEquals("CHECKING", ApiServer.json(again).get("phase").stringValue());
  }

  @Test
  void anotherRequestUnderTheKeyIsRefusedAndChangesNothing() {
    String id = started();
    assertEquals(202, keyed("/migrations/" + id + "/abort", "{\"reason\":\"a\"}").statusCode());
    int calls = api.migrations.calls.size();
    refused(keyed("/migrations/" + id + "/abort", "{\"reason\":\"b\"}"));
    refused(keyed("/migrations/" + id + "/switchover", ""));
    refused(keyed("/migrations/" + id + "/retry", ""));
    refused(keyed("/migrations", START.formatted("")));
    refused(keyed("/plans", START.formatted("")));
    assertEquals(calls, api.migrations.calls.size(), () -> "" + api.migrations.calls);
  }

  @ParameterizedTest
  @CsvSource({"/plans", "/migrations?dryRun=true"})
  void aPlanIsTheSamePlanAgain(String path) {
    HttpResponse<String> first = keyed(path, START.formatted(""));
    assertEquals(200, first.statusCode(), first::body);
    api.fleet.devices("host-a", all -> all.subList(1, all.size()));
    HttpResponse<String> again = keyed(path, START.formatted(""));
    assertEquals(first.body(), again.body());
    assertEquals("true", replayed(again));
    refused(keyed(path, START.formatted(", \"blackoutBudgetMs\": 7")));
    assertNotEquals(first.body(), api.post(path, START.formatted("")).body());
  }

  @Test
  void aRefusalIsNotKept() {
    String command = "/migrations/" + started() + "/switchover";
    Migration migration = api.migrations.find(ids().getFirst()).orElseThrow().migration();
    api.migrations.answerWith(new Result.Conflict(migration, Reason.NOT_NOW));
    assertEquals(409, keyed(command, "").statusCode());
    api.migrations.answerWith(null);
    HttpResponse<String> later = keyed(command, "");
    assertEquals(202, later.statusCode(), later::body);
    assertEquals("", replayed(later));
  }

  private String started() {
    HttpResponse<String> response = api.post("/migrations", START.formatted(""));
    assertEquals(202, response.statusCode(), response::body);
    return ApiServer.json(response).get("id").stringValue();
  }

  private List<io.fermata.handover.MigrationId> ids() {
    if (api.migrations.idsStartingWith("", 1).isEmpty()) {
      assertTrue(started().startsWith("mig"));
    }
    return api.migrations.idsStartingWith("", 1);
  }

  private HttpResponse<String> keyed(String path, String body) {
    return api.post(path, body, "Idempotency-Key", "k-1");
  }

  private static String replayed(HttpResponse<String> response) {
    return response.headers().firstValue("Idempotency-Replayed").orElse("");
  }

  private static void refused(HttpResponse<String> response) {
    assertEquals(422, response.statusCode(), response::body);
    assertEquals("KEY_REUSED", ApiServer.json(response).get("code").stringValue());
  }
}
