package io.fermata.drain;

import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Move.State;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Submission;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Asks for the migrations that a recorded drain has decided on, and gives up those it gave up. */
final class Children {
  private static final String TRIGGER = "drain";
  private static final long PATIENCE_SECONDS = 10;

  /** What nobody sends as the hash of a request: a key with it makes no migration any more. */
  private static final String BURNT = "burnt";

  private final Migrations migrations;
  private final InstantSource time;

  Children(Migrations migrations, InstantSource time) {
    this.migrations = migrations;
    this.time = time;
  }

  /** The drain with what came of it; whoever asks twice gets the same migration twice. */
  Drain settle(Drain drain) {
    Drain now = drain;
    for (Move move : drain.moves().values()) {
      if (move.state() == State.STARTING) {
        now = drain.phase() == Phase.DRAINING ? begin(now, move) : takeBack(now, move);
      }
    }
    Drain.Cancel cancel = drain.cancel();
    if (drain.phase() == Phase.CANCELLING && cancel != null && cancel.children()) {
      now.moves().values().forEach(move -> abort(drain, move, cancel));
    }
    return now;
  }

  private Drain begin(Drain drain, Move move) {
    var submission =
        new Submission(
            drain.order(move.vm(), Objects.requireNonNull(move.destination()), move.pairs()),
            drain.actor(),
            TRIGGER,
            1,
            null,
            new Migrations.Key(move.key(drain.id()), TRIGGER));
    Optional<Result> result = answer(migrations.submit(submission));
    return result.orElse(null) instanceof Result.Taken taken
        ? Drainer.made(drain, move, taken.migration().id(), time.millis())
        : drain; // asked for again with the next look, under the same key
  }

  /**
   * Takes the key, so that whoever asks for the migration late gets none; if it is taken already,
   * the migration is there.
   */
  private Drain takeBack(Drain drain, Move move) {
    String key = move.key(drain.id());
    Optional<Boolean> taken = answer(migrations.keep(new Migrations.Key(key, BURNT), BURNT));
    if (taken.orElse(false)) {
      return Drainer.neverMade(drain, move, time.millis());
    }
    if (migrations.answered(new Migrations.Key(key, TRIGGER)).orElse(null)
        instanceof Result.Taken made) {
      return Drainer.made(drain, move, made.migration().id(), time.millis());
    }
    boolean burnt = migrations.answered(new Migrations.Key(key, TRIGGER)).isPresent();
    return burnt ? Drainer.neverMade(drain, move, time.millis()) : drain;
  }

  /** By the abort contract; only its owner can, and every orchestrator looks. */
  private void abort(Drain drain, Move move, Drain.Cancel cancel) {
    MigrationId id = move.migration();
    if (move.state() != State.MOVING || id == null) {
      return;
    }
    Optional<Migration> child = migrations.find(id).map(Live::migration);
    if (child.isPresent() && child.get().abort() == null && !Drainer.pastAbort(child.get())) {
      String why = cancel.reason() == null ? "" : ": " + cancel.reason();
      String reason = "drain " + drain.id() + " was called off" + why;
      var _ = answer(migrations.abort(id, cancel.actor(), reason));
    }
  }

  private static <T> Optional<T> answer(CompletableFuture<T> asked) {
    try {
      return Optional.of(asked.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    } catch (CompletionException late) {
      return Optional.empty();
    }
  }
}
