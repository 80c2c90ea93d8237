package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Rehearsal;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Ruling;
import io.fermata.migration.Traffic;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/** What the migrations answered, taken or told as a problem. */
@Component
class Results {
  private static final long PATIENCE_SECONDS = 30;

  private final Ids ids;

  Results(Ids ids) {
    this.ids = ids;
  }

  /** Waits until the answer is durable. */
  Result await(CompletableFuture<Result> result) {
    return settled(result);
  }

  /** The same for any answer. */
  <T> T settled(CompletableFuture<T> result) {
    try {
      return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("the server stops; whether the request was taken is not known");
    } catch (TimeoutException e) {
      throw unavailable("no answer in time; the request may still be taken: look before repeating");
    } catch (ExecutionException e) {
      throw new IllegalStateException("the migrations failed to answer", e.getCause());
    }
  }

  /**
   * What a dry run found, if it may be done.
   *
   * @throws Refused otherwise
   */
  Rehearsal.Possible possible(Rehearsal rehearsal) {
    return switch (rehearsal) {
      case Rehearsal.Possible possible -> possible;
      case Rehearsal.Impossible no -> {
        taken(no.why());
        throw new IllegalStateException("a dry run was taken: " + no.why());
      }
    };
  }

  /**
   * The migration, if it was taken.
   *
   * @throws Refused otherwise
   */
  Result.Taken taken(Result result) {
    return switch (result) {
      case Result.Taken taken -> taken;
      case Result.Conflict conflict -> throw conflict(conflict.migration(), conflict.reason());
      case Result.Elsewhere elsewhere -> throw elsewhere(elsewhere.migration());
      case Result.KeyReused reused -> throw reused(reused.key());
      case Result.QueueFull full -> throw full(full.limit());
      case Result.Unavailable nothing -> throw unavailable(nothing.detail());
      case Result.Objected objected -> throw objected(objected.migration(), objected.objection());
      case Result.Outdated outdated -> throw outdated(outdated.migration());
      case Result.Unconfirmed no ->
          throw decision(
              no.migration(),
              Problem.of(
                  ProblemCode.UNCONFIRMED,
                  "no dry run said exactly this about version "
                      + no.migration().version()
                      + ", or another one came after it; run it again with ?dryRun=true"));
    };
  }

  private static Refused elsewhere(Migration migration) {
    return Refused.because(
        ProblemCode.OWNER_ELSEWHERE,
        "replica "
            + migration.epoch().owner()
            + " drives it, or did until now; nothing was changed: ask again");
  }

  private Refused objected(Migration migration, Ruling.Objection objection) {
    return decision(
        migration,
        Problem.of(ProblemCode.RESOLUTION_REFUSED, objection.ground() + ": " + objection.detail())
            .onHost(objection.host()));
  }

  private Refused outdated(Migration migration) {
    return decision(
        migration,
        Problem.of(
            ProblemCode.STALE_VERSION,
            "it is at version "
                + migration.version()
                + "; look at it, then run the dry run again"));
  }

  /** A decision that was not taken; what it should rest on is told by the explanation. */
  private Refused decision(Migration migration, Problem problem) {
    return new Refused(
        problem
            .inPhase(migration.phase().name())
            .withNext("curl $F/migrations/" + ids.cut(migration.id()) + "/explain"));
  }

  /**
   * For a caller who does not want to wait.
   *
   * @throws Refused if nothing may start
   */
  static void requireOpen(Traffic.View view) {
    if (view.paused()) {
      var intake = view.intake().value();
      throw new Refused(
          Problem.of(
                  ProblemCode.ADMISSION_PAUSED,
                  intake.actor() + " paused new starts: " + intake.reason())
              .withNext("curl $F/admission"));
    }
  }

  private static Refused full(int limit) {
    return new Refused(
        Problem.of(
                ProblemCode.QUEUE_FULL,
                limit + " migrations wait already (limits.queued): come back later")
            .withNext("curl $F/queue"));
  }

  /** The key belongs to another request. */
  static Refused reused(String key) {
    return Refused.because(
        ProblemCode.KEY_REUSED, "the key '" + key + "' came with another request before");
  }

  /** What stands in the way, and the way forward. */
  Refused conflict(Migration migration, Reason reason) {
    String id = ids.cut(migration.id());
    String path = "curl $F/migrations/" + id;
    ProblemCode code =
        switch (reason) {
          case PAST_COMMIT -> ProblemCode.PAST_COMMIT;
          case USE_RESOLVE -> ProblemCode.USE_RESOLVE;
          case ENDED -> ProblemCode.ENDED;
          case NOT_ENDED -> ProblemCode.NOT_ENDED;
          case NOT_NOW -> ProblemCode.NOT_NOW;
          case SUCCEEDED_ALREADY -> ProblemCode.SUCCEEDED_ALREADY;
          case NOT_PARKED -> ProblemCode.NOT_PARKED;
          case RESOLVED_ALREADY -> ProblemCode.RESOLVED_ALREADY;
        };
    String next =
        switch (reason) {
          case PAST_COMMIT, NOT_ENDED -> path + "?wait=30s\\&until=done";
          case ENDED -> "curl -X POST $F/migrations/" + id + "/retry";
          case USE_RESOLVE, NOT_NOW, NOT_PARKED, RESOLVED_ALREADY -> path + "/explain";
          case SUCCEEDED_ALREADY -> path + "/timeline";
        };
    return new Refused(
        Problem.of(code, id + " " + sentence(migration, reason))
            .inPhase(migration.phase().name())
            .withNext(next));
  }

  private static String sentence(Migration migration, Reason reason) {
    String destination = migration.order().destination().value();
    return switch (reason) {
      case PAST_COMMIT ->
          "gave the right to run to "
              + destination
              + ": it goes forward. To have the set back, wait for its end and migrate it from "
              + destination
              + " to "
              + migration.order().source();
      case USE_RESOLVE -> "lacks evidence of where the set runs: an operator resolves it";
      case ENDED -> "is over: " + migration.outcome();
      case NOT_ENDED -> "is still in " + migration.phase() + "; abort it or wait for its end";
      case NOT_NOW -> "is in " + migration.phase() + ", where this has no meaning";
      case SUCCEEDED_ALREADY -> "succeeded: the set runs on " + destination;
      case NOT_PARKED ->
          "is in " + migration.phase() + ", where the agents' facts decide and no operator";
      case RESOLVED_ALREADY ->
          "is being resolved"
              + (migration.resolution() == null
                  ? ""
                  : " by "
                      + migration.resolution().word().actor()
                      + ", who keeps the "
                      + migration.resolution().keep().name().toLowerCase(Locale.ROOT));
    };
  }

  private static Refused unavailable(String detail) {
    return Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, detail);
  }
}
