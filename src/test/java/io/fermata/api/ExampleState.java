package io.fermata.api;

import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import tools.jackson.databind.JsonNode;

/** What the examples of the API's description speak of: a migration {@code exam}, and an event. */
final class ExampleState {
  static final String ID = "exam0000";

  private ExampleState() {}

  /** The migration in that phase; one that is over was rolled back. */
  static void put(ApiServer api, JsonNode wanted) {
    api.traffic.clear();
    api.endDrains();
    api.fleet.reset();
    api.recovery.clear();
    if (wanted == null) {
      return;
    }
    Phase phase = Phase.valueOf(wanted.asString());
    api.migrations.clear();
    api.post("/migrations", MigrationsTest.START);
    var submission = api.migrations.submissions.getLast();
    Outcome outcome = phase == Phase.DONE ? Outcome.ROLLED_BACK : null;
    Migration fresh = FakeMigrations.fresh(ID, submission);
    api.migrations.clear();
    api.migrations.put(FakeMigrations.in(fresh, phase, outcome));
    api.migrations.happened(ID, "migration.phase", "{\"to\":\"" + phase + "\"}");
  }

  /** The id of a drain of {@code host-a} that is under way. */
  static String drain(ApiServer api) {
    api.endDrains();
    return ApiServer.json(api.post("/drains", "{\"host\":\"host-a\"}")).get("id").asString();
  }

  /** The id of a subscription; there never is more than this one. */
  static String subscription(ApiServer api) {
    JsonNode known = ApiServer.json(api.get("/subscriptions")).get("items");
    known.forEach(
        one -> api.send(api.request("/subscriptions/" + one.get("id").asString()).DELETE()));
    var made = api.post("/subscriptions", "{\"url\":\"https://hooks.example.com/\"}");
    return ApiServer.json(made).get("id").asString();
  }
}
