package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be asked of the migrations: what the API stands on. Futures complete once the
 * answer is durable; what has to read the journal throws {@link Unreadable} where it cannot.
 */
public interface Migrations {

  /**
   * A new migration.
   *
   * @param trigger {@code api}, {@code retry}, {@code drain} or {@code policy}
   * @param key the caller's idempotency key with the hash of its request, or null
   */
  record Submission(
      Order order,
      String actor,
      String trigger,
      int attempt,
      @Nullable String retryOf,
      @Nullable Key key) {}

  /** Same key and hash: the same answer. */
  record Key(String key, String requestHash) {}

  /** What became of a submission or a command. */
  sealed interface Result {
    /** Taken; the migration as it is now. */
    record Taken(Migration migration, boolean replayed) implements Result {}

    /** Not possible where the migration stands. */
    record Conflict(Migration migration, Reason reason) implements Result {}

    /** Another replica drives it, and only that one can decide about it. */
    record Elsewhere(Migration migration) implements Result {}

    /** The key was used for another request. */
    record KeyReused(String key) implements Result {}

    /** What an operator decided is against a fact. */
    record Objected(Migration migration, Ruling.Objection objection) implements Result {}

    /** The queue takes no more. */
    record QueueFull(int limit) implements Result {}

    /** The caller decided on another version than the present one. */
    record Outdated(Migration migration) implements Result {}

    /** No dry run said exactly this, or another one came after it. */
    record Unconfirmed(Migration migration) implements Result {}

    /**
     * The journal does not take it, or cannot say whether it has: the same request under the same
     * idempotency key tells.
     */
    record Unavailable(String detail) implements Result {}
  }

  /** What was asked for is in the journal, and the journal cannot be read now. */
  final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /** Why a command does not apply. */
  enum Reason {
    PAST_COMMIT,
    USE_RESOLVE,
    ENDED,
    NOT_ENDED,
    NOT_NOW,
    SUCCEEDED_ALREADY,
    NOT_PARKED,
    RESOLVED_ALREADY
  }

  /** What came of the dry run of a resolution. */
  sealed interface Rehearsal {
    /**
     * It may be done.
     *
     * @param confirm what the real call has to show: good once, for this version and these words
     */
    record Possible(Migration migration, Ruling ruling, String confirm) implements Rehearsal {}

    /** It may not. */
    record Impossible(Result why) implements Rehearsal {}
  }

  /** Which migrations to list; null means any. */
  record Filter(
      @Nullable String vm,
      @Nullable String host,
      @Nullable String phase,
      @Nullable String outcome,
      @Nullable Long since,
      @Nullable Long until) {}

  /** A page of migrations, newest first; the cursor is null on the last one. */
  record Page(List<Live> items, @Nullable String cursor) {}

  /** One entry of the journal as events show it; data is JSON text. */
  record Happening(
      long seq, long timeMillis, String type, String subject, String actor, String data) {}

  CompletableFuture<Result> submit(Submission submission);

  /**
   * What a submission with this key was answered: Taken with {@code replayed}, or KeyReused. Empty
   * if the key is new. Asked before the prechecks, which the migration that the key made would
   * fail.
   */
  default Optional<Result> answered(Key key) {
    return Optional.empty();
  }

  /**
   * An answer that was kept under a key.
   *
   * @param sameRequest whether the key came with this very request then
   */
  record Earlier(String answer, boolean sameRequest) {}

  /** What was kept under the key by {@link #keep}; empty if the key is new. */
  Optional<Earlier> earlier(Key key);

  /**
   * Keeps an answer, so that it can be given again. Completes with false where it was not kept: the
   * key was taken meanwhile, or the journal takes nothing. Never fails.
   */
  CompletableFuture<Boolean> keep(Key key, String answer);

  /** The abort contract of the API. */
  CompletableFuture<Result> abort(MigrationId id, String actor, String reason);

  CompletableFuture<Result> switchover(MigrationId id, String actor);

  CompletableFuture<Result> budget(MigrationId id, String actor, long millis);

  /** Another priority, while it waits for its start. */
  CompletableFuture<Result> priority(MigrationId id, String actor, Priority priority);

  /**
   * Limits what the source sends, in bytes per second; 0 ends the limit. Told to the source with
   * the next renewal, which goes out at once.
   */
  CompletableFuture<Result> bandwidth(MigrationId id, String actor, long bytesPerSecond);

  /**
   * The dry run of {@link #resolve}: what would be done on this word, and what it rests on. Only
   * where the migration is parked in NEEDS_OPERATOR. Changes nothing.
   */
  CompletableFuture<Rehearsal> rehearse(MigrationId id, Resolution resolution);

  /**
   * An operator decides about a parked migration, on his word for a host that cannot speak.
   * Answered once the decision is durable; what comes of it is told by the migration's end, or by
   * the fact that overturned it.
   *
   * @param version the one that he decided on
   * @param confirm what the dry run of the very same words gave out
   */
  CompletableFuture<Result> resolve(
      MigrationId id, Resolution resolution, long version, String confirm);

  /** The migration with everything that is known of it now. */
  Optional<Live> find(MigrationId id);

  /** Ids that start so, at most {@code limit}. */
  List<MigrationId> idsStartingWith(String prefix, int limit);

  /**
   * Migrations that match, newest first.
   *
   * @throws IllegalArgumentException if the cursor is not one of ours
   */
  Page list(Filter filter, @Nullable String cursor, int limit);

  /** Entries after a seq, in order; of one migration, or of all when the id is null. */
  List<Happening> history(@Nullable MigrationId id, long afterSeq, int limit);

  /**
   * Is told of every entry after it is durable, in order, on one thread that must not be held up.
   */
  AutoCloseable follow(Consumer<Happening> follower);

  /** Completes when the migration differs from that version or after the time; never fails. */
  CompletableFuture<Void> changed(MigrationId id, long version, long millis);
}
