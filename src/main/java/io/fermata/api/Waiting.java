package io.fermata.api;

import io.fermata.api.request.Given;
import io.fermata.api.request.Moment;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Long polls: the answer comes when something happened, or when the time is over. */
@Component
class Waiting {
  private final Migrations migrations;
  private final Clients clients;
  private final InstantSource time;
  private final Duration most;

  Waiting(Migrations migrations, Clients clients, InstantSource time, ApiSettings settings) {
    this.migrations = migrations;
    this.clients = clients;
    this.time = time;
    this.most = settings.waitMax();
  }

  /** What is waited for. */
  enum Until {
    DONE,
    CHANGE
  }

  /**
   * How long a caller waits for what.
   *
   * @param after the version that the caller has seen; null for the one at the request
   */
  record Wish(Duration patience, Until until, @Nullable Long after) {}

  /** Reads {@code wait}, {@code until} and {@code after}. */
  Wish read(Given query) {
    Duration wait = query.value("wait", this::bounded);
    Until until = query.word("until", Until.class);
    boolean seen = query.has("after");
    long after = query.whole("after", 0, Long.MAX_VALUE, 0);
    return new Wish(
        wait == null ? Duration.ZERO : wait,
        until == null ? Until.DONE : until,
        seen ? after : null);
  }

  /** The migration once it is as wished, or as it is after the time. */
  Live until(Live first, Wish wish) {
    if (wish.patience().isZero()) {
      return first;
    }
    long seen = wish.after() == null ? first.migration().version() : wish.after();
    Instant end = time.instant().plus(wish.patience());
    Live live = first;
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    try (var _ = clients.enter(Clients.Kind.WAIT, () -> stopped.complete(null))) {
      while (!satisfied(live.migration(), wish.until(), seen) && !clients.closing()) {
        long left = Duration.between(time.instant(), end).toMillis();
        if (left <= 0) {
          return live;
        }
        Migration migration = live.migration();
        var changed = migrations.changed(migration.id(), migration.version(), left);
        CompletableFuture.anyOf(changed, stopped).join();
        live = migrations.find(migration.id()).orElse(live);
      }
    }
    return live;
  }

  private static boolean satisfied(Migration migration, Until until, long seen) {
    return switch (until) {
      case DONE -> migration.ended();
      case CHANGE -> migration.ended() || migration.version() != seen;
    };
  }

  private Duration bounded(String text) {
    Duration wait = Moment.duration(text);
    if (wait.compareTo(most) > 0) {
      throw new IllegalArgumentException("must be at most " + most.toSeconds() + "s");
    }
    return wait;
  }
}
