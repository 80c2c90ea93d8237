package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.view.RecoveryView;
import io.fermata.handover.HostName;
import io.fermata.migration.DryRuns;
import io.fermata.migration.Migrations;
import io.fermata.migration.Recovery;
import io.fermata.migration.Recovery.Result;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the agents know that a restored journal does not, and the word that lets it be imported:
 * first the dry run, then the same with what it gave out.
 */
@RestController
@RequestMapping("/api/v1/recovery")
class RecoveryResource {
  private final Recovery recovery;
  private final Results results;
  private final Replays replays;
  private final Words<Shown> words;

  RecoveryResource(Recovery recovery, Results results, Replays replays, DryRuns dryRuns) {
    this.recovery = recovery;
    this.results = results;
    this.replays = replays;
    this.words = new Words<>(dryRuns, results, "recovery", Shown.class);
  }

  record Shown(long version, boolean withoutUnreachable) {}

  @GetMapping
  ResponseEntity<Answer> show(HttpServletRequest request) {
    Given.query(request).check();
    return answer(RecoveryView.of(recovery.view(), null, null));
  }

  private static ResponseEntity<Answer> answer(RecoveryView view) {
    return ResponseEntity.ok()
        .eTag(IfMatch.tag(view.version()))
        .body(new Answer(view, view.text()));
  }

  @PostMapping("/accept")
  ResponseEntity<Answer> accept(HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    query.check();
    Given body = Bodies.of(request);
    String reason = StartRequest.reason(body);
    boolean without = body.yes("withoutUnreachable", false);
    String confirm = body.text("confirm");
    body.required("reason");
    if (!dryRun && confirm == null) {
      body.note("confirm", Violation.MISSING, "is missing: run it with ?dryRun=true first");
    }
    body.check();
    if (dryRun) {
      return answer(rehearsed(without));
    }
    Migrations.Key key =
        IdempotencyKey.of(request, Actor.of(request), "POST /recovery/accept", body);
    long version = IfMatch.version(request, "recovery");
    var word =
        new Recovery.Acceptance(
            Actor.of(request), Objects.requireNonNull(reason), version, without);
    String shown = Objects.requireNonNull(confirm);
    Replays.Kept kept = replays.once(key, () -> Json.text(accepted(word, shown)));
    RecoveryView view = Json.read(kept.answer(), RecoveryView.class);
    return ResponseEntity.ok()
        .headers(kept.headers())
        .eTag(IfMatch.tag(view.version()))
        .body(new Answer(view, view.text()));
  }

  private RecoveryView rehearsed(boolean without) {
    Recovery.View view = recovery.view();
    if (!view.waits()) {
      throw nothing(view);
    }
    if (!view.silent().isEmpty() && !without) {
      throw missing(view.silent());
    }
    return RecoveryView.of(view, words.give(new Shown(view.version(), without)), null);
  }

  private RecoveryView accepted(Recovery.Acceptance word, String confirm) {
    var wanted = new Shown(word.version(), word.withoutSilent());
    words.take(confirm, wanted::equals, "this version, with or without unreachable hosts");
    Result result = results.settled(recovery.accept(word));
    return switch (result) {
      case Result.Done done -> RecoveryView.of(done.view(), null, done.imported());
      case Result.Nothing no -> throw nothing(no.view());
      case Result.Outdated old ->
          throw Refused.because(
              ProblemCode.STALE_VERSION,
              "agents have said something else since; it is version "
                  + old.view().version()
                  + " now: run it with ?dryRun=true again");
      case Result.HostsMissing some -> throw missing(some.hosts());
      case Result.Unavailable down ->
          throw Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, down.detail());
    };
  }

  private static Refused nothing(Recovery.View view) {
    return Refused.because(
        ProblemCode.NOT_QUARANTINED, "there is nothing to accept: " + RecoveryView.reason(view));
  }

  private static Refused missing(List<HostName> hosts) {
    String names = String.join(", ", hosts.stream().map(HostName::value).toList());
    @Nullable String first = hosts.isEmpty() ? null : hosts.getFirst().value();
    Problem problem =
        Problem.of(
            ProblemCode.HOSTS_SILENT,
            "these have not said what they remember: "
                + names
                + "; wait for them, or say withoutUnreachable=true: they are compared when they"
                + " come back, before anything starts there");
    return new Refused(first == null ? problem : problem.onHost(first));
  }
}
