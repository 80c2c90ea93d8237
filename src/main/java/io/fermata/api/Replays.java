package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Earlier;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Requests with an Idempotency-Key: done once, answered as often as asked. What was refused is not
 * kept, since it has changed nothing.
 *
 * <p>The answer is kept after the deed. A server that dies in between has answered nobody, and the
 * deeds that come here do no harm when they are done again.
 */
@Component
class Replays {
  private final Migrations migrations;
  private final Results results;
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  Replays(Migrations migrations, Results results) {
    this.migrations = migrations;
    this.results = results;
  }

  /** An answer and whether it was given before. */
  record Kept(String answer, boolean replayed) {
    HttpHeaders headers() {
      HttpHeaders headers = new HttpHeaders();
      if (replayed) {
        headers.set(IdempotencyKey.REPLAYED, "true");
      }
      return headers;
    }
  }

  /**
   * Does it, or says what came of it the first time.
   *
   * @param deed gives the answer as text, or throws {@link Refused}
   * @throws Refused if the key belongs to another request, or to one that is still being answered
   */
  Kept once(Migrations.@Nullable Key key, Supplier<String> deed) {
    if (key == null) {
      return new Kept(deed.get(), false);
    }
    if (!inUse.add(key.key())) {
      throw Refused.because(
          ProblemCode.KEY_IN_USE,
          "a request with the key '" + key.key() + "' is being answered; ask again");
    }
    try {
      Optional<Earlier> earlier = migrations.earlier(key);
      if (earlier.isPresent()) {
        return replayed(key, earlier.get());
      }
      String answer = deed.get();
      results.settled(migrations.keep(key, answer));
      return new Kept(answer, false);
    } finally {
      inUse.remove(key.key());
    }
  }

  private static Kept replayed(Migrations.Key key, Earlier earlier) {
    if (!earlier.sameRequest()) {
      throw Results.reused(key.key());
    }
    return new Kept(earlier.answer(), true);
  }
}
