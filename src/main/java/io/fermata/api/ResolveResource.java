package io.fermata.api;

import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.view.RehearsalView;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Resolution;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * An operator decides where a set runs of which a lost host cannot tell. First the dry run, which
 * says what would be done and on whose word; then the same words again with what it gave out.
 */
@RestController
class ResolveResource {
  private static final int EVIDENCE_MAX = 256;

  private final Migrations migrations;
  private final Ids ids;
  private final Results results;
  private final Replays replays;
  private final Answers answers;
  private final InstantSource time;

  ResolveResource(
      Migrations migrations,
      Ids ids,
      Results results,
      Replays replays,
      Answers answers,
      InstantSource time) {
    this.migrations = migrations;
    this.ids = ids;
    this.results = results;
    this.replays = replays;
    this.answers = answers;
    this.time = time;
  }

  /** 200 for a dry run, 202 for the decision, 409 with the fact that is against it. */
  @PostMapping("/api/v1/migrations/{m}/resolve")
  ResponseEntity<Answer> resolve(@PathVariable String m, HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    query.check();
    Migration present = ids.find(m).migration();
    Given body = Bodies.of(request);
    Side keep = body.word("keep", Side.class);
    String evidence = body.value("evidence", ResolveResource::evidence);
    String reason = StartRequest.reason(body);
    String confirm = body.text("confirm");
    String signature = body.value("signature", ResolveResource::signature);
    List.of("keep", "evidence", "reason").forEach(body::required);
    if (!dryRun && confirm == null) {
      body.note("confirm", Violation.MISSING, "is missing: run it with ?dryRun=true first");
    }
    body.check();
    var word =
        new Testimony(
            Actor.of(request),
            Objects.requireNonNull(evidence),
            Objects.requireNonNull(reason),
            time.millis(),
            signature);
    var resolution = new Resolution(Objects.requireNonNull(keep), word);
    String what = "POST /migrations/" + present.id() + "/resolve" + (dryRun ? "?dryRun" : "");
    Migrations.Key key = IdempotencyKey.of(request, Actor.of(request), what, body);
    if (dryRun) {
      return rehearsed(present, resolution, key);
    }
    long version = IfMatch.version(request, present);
    String shown = Objects.requireNonNull(confirm);
    MigrationId id = present.id();
    Replays.Kept kept =
        replays.once(
            key,
            () ->
                IfMatch.tag(
                    results
                        .taken(results.await(migrations.resolve(id, resolution, version, shown)))
                        .migration()
                        .version()));
    return ResponseEntity.accepted()
        .headers(kept.headers())
        .eTag(kept.answer())
        .body(answers.of(ids.find(id.value())));
  }

  private ResponseEntity<Answer> rehearsed(
      Migration present, Resolution resolution, Migrations.@Nullable Key key) {
    Replays.Kept kept = replays.once(key, () -> Json.text(rehearse(present, resolution)));
    RehearsalView view = Json.read(kept.answer(), RehearsalView.class);
    return ResponseEntity.ok()
        .headers(kept.headers())
        .eTag(IfMatch.tag(view.version()))
        .body(new Answer(view, view.text(ids.cut(present.id()))));
  }

  private RehearsalView rehearse(Migration present, Resolution resolution) {
    var rehearsal = results.settled(migrations.rehearse(present.id(), resolution));
    return RehearsalView.of(results.possible(rehearsal), resolution);
  }

  private static String signature(String text) {
    if (!text.matches("[A-Za-z0-9+/]{16,1024}={0,2}")) {
      throw new IllegalArgumentException("must be a signature in Base64");
    }
    return text;
  }

  private static String evidence(String text) {
    if (text.isBlank() || text.length() > EVIDENCE_MAX || text.matches("(?s).*\\p{Cntrl}.*")) {
      throw new IllegalArgumentException(
          "must have 1 to " + EVIDENCE_MAX + " characters and no control characters");
    }
    return text;
  }
}
