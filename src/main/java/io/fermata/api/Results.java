package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
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
   * The migration, if it was taken.
   *
   * @throws Refused otherwise
   */
  Result.Taken taken(Result result) {
    return switch (result) {
      case Result.Taken taken -> taken;
      case Result.Conflict conflict -> throw conflict(conflict.migration(), conflict.reason());
      case Result.KeyReused reused -> throw reused(reused.key());
      case Result.Unavailable nothing -> throw unavailable(nothing.detail());
    };
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
        };
    String next =
        switch (reason) {
          case PAST_COMMIT, NOT_ENDED -> path + "?wait=30s\\&until=done";
          case ENDED -> "curl -X POST $F/migrations/" + id + "/retry";
          case USE_RESOLVE, NOT_NOW -> path + "/explain";
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
    };
  }

  private static Refused unavailable(String detail) {
    return Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, detail);
  }
}
