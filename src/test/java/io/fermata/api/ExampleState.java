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
}
