package io.fermata.api;

import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.text.MigrationText;
import io.fermata.api.view.MigrationView;
import io.fermata.api.view.PlanView;
import io.fermata.api.view.Scene;
import io.fermata.api.view.Scenes;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Result;
import java.net.URI;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** What is sent back of a migration or a plan, for programs and for people. */
@Component
class Answers {
  private static final String PATH = "/api/v1/migrations/";

  private final Migrations migrations;
  private final Scenes scenes;
  private final Ids ids;

  Answers(Migrations migrations, Scenes scenes, Ids ids) {
    this.migrations = migrations;
    this.scenes = scenes;
    this.ids = ids;
  }

  Answer of(Live live) {
    Scene scene = scenes.of(live);
    return new Answer(
        MigrationView.of(scene), MigrationText.one(scene, ids.cut(live.migration().id())));
  }

  /** The migration with all that is known of it by now. */
  Answer now(Migration migration) {
    return of(
        migrations
            .find(migration.id())
            .orElseGet(() -> new Live(migration, null, null, List.of(), null, null)));
  }

  /** A new migration, and where it is found from now on. */
  ResponseEntity<Answer> accepted(Result.Taken taken) {
    var response =
        ResponseEntity.accepted().location(URI.create(PATH + taken.migration().id().value()));
    if (taken.replayed()) {
      response.header(IdempotencyKey.REPLAYED, "true");
    }
    return response.body(now(taken.migration()));
  }

  /** A plan that was kept as JSON. */
  static ResponseEntity<Answer> plan(Replays.Kept kept) {
    PlanView plan = Json.read(kept.answer(), PlanView.class);
    return ResponseEntity.ok().headers(kept.headers()).body(new Answer(plan, plan.text()));
  }
}
