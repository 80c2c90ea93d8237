package io.fermata.api;

import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What can be asked of a migration that exists: abort, switch over, try again. */
@RestController
@RequestMapping("/api/v1/migrations/{m}")
class MigrationCommands {
  private static final String NO_REASON = "no reason given";

  private final Migrations migrations;
  private final Orders orders;
  private final Ids ids;
  private final Results results;
  private final Replays replays;
  private final Answers answers;

  MigrationCommands(
      Migrations migrations,
      Orders orders,
      Ids ids,
      Results results,
      Replays replays,
      Answers answers) {
    this.migrations = migrations;
    this.orders = orders;
    this.ids = ids;
    this.results = results;
    this.replays = replays;
    this.answers = answers;
  }

  /**
   * By the abort contract: 202 when it is taken, 200 when it goes back or went back already, 409
   * when it is too late. Never limited.
   */
  @PostMapping("/abort")
  ResponseEntity<Answer> abort(@PathVariable String m, HttpServletRequest request) {
    Migration before = found(m, request).migration();
    MigrationId id = before.id();
    Given body = Bodies.of(request);
    Migrations.Key key =
        IdempotencyKey.of(request, Actor.of(request), "POST /migrations/" + id + "/abort", body);
    String reason = StartRequest.reason(body);
    body.check();
    String why = reason == null ? NO_REASON : reason;
    return once(key, id, () -> abort(before, Actor.of(request), why));
  }

  private HttpStatus abort(Migration before, String actor, String reason) {
    Result result = results.await(migrations.abort(before.id(), actor, reason));
    if (result instanceof Result.Conflict(Migration after, Reason why)
        && why == Reason.ENDED
        && after.abort() != null) {
      return HttpStatus.OK;
    }
    Result.Taken taken = results.taken(result);
    boolean already = taken.replayed() || before.phase() == Phase.ROLLING_BACK;
    return already ? HttpStatus.OK : HttpStatus.ACCEPTED;
  }

  /** Go to the barrier now. */
  @PostMapping("/switchover")
  ResponseEntity<Answer> switchover(@PathVariable String m, HttpServletRequest request) {
    MigrationId id = found(m, request).migration().id();
    Given body = Bodies.of(request);
    Migrations.Key key =
        IdempotencyKey.of(
            request, Actor.of(request), "POST /migrations/" + id + "/switchover", body);
    body.check();
    return once(
        key,
        id,
        () -> {
          results.taken(results.await(migrations.switchover(id, Actor.of(request))));
          return HttpStatus.ACCEPTED;
        });
  }

  /** A new migration of the same set; it may go elsewhere. */
  @PostMapping("/retry")
  ResponseEntity<Answer> retry(@PathVariable String m, HttpServletRequest request) {
    Migration earlier = found(m, request).migration();
    String id = earlier.id().value();
    Given body = Bodies.of(request);
    Migrations.Key key =
        IdempotencyKey.of(request, Actor.of(request), "POST /migrations/" + id + "/retry", body);
    HostName named = body.value("destination", HostName::new);
    body.check();
    Optional<Result> answered = key == null ? Optional.empty() : migrations.answered(key);
    if (answered.isPresent()) {
      return answers.accepted(results.taken(answered.get()));
    }
    if (!earlier.ended()) {
      throw results.conflict(earlier, Reason.NOT_ENDED);
    }
    if (earlier.outcome() == Outcome.SUCCEEDED) {
      throw results.conflict(earlier, Reason.SUCCEEDED_ALREADY);
    }
    HostName destination = named == null ? earlier.order().destination() : named;
    Orders.Prepared prepared = orders.again(earlier.order(), destination).orRefuse();
    Submission submission =
        new Submission(
            prepared.order(), Actor.of(request), "retry", earlier.attempt() + 1, id, key);
    return answers.accepted(results.taken(results.await(migrations.submit(submission))));
  }

  /** The status is what was answered; the migration is shown as it is now. */
  private ResponseEntity<Answer> once(
      Migrations.@Nullable Key key, MigrationId id, Supplier<HttpStatus> command) {
    Replays.Kept kept = replays.once(key, () -> String.valueOf(command.get().value()));
    return ResponseEntity.status(Integer.parseInt(kept.answer()))
        .headers(kept.headers())
        .body(answers.of(ids.find(id.value())));
  }

  private Live found(String m, HttpServletRequest request) {
    Given.query(request).check();
    return ids.find(m);
  }
}
