package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How many migrations may run, who waits for what, and whether anything starts at all. Futures
 * complete once the answer is durable; nothing here fails otherwise.
 */
public interface Traffic {
  /**
   * A value and its version.
   *
   * @param version 0 while it is what the configuration says
   */
  record Held<T>(T value, long version) {}

  /** What became of a change. */
  sealed interface Written<T> {
    /** It is durable and counts from now on. */
    record Done<T>(Held<T> now) implements Written<T> {}

    /** The caller decided on another version than the present one. */
    record Outdated<T>(long present) implements Written<T> {}

    /** The journal does not take it, or cannot say whether it has. */
    record Unavailable<T>(String detail) implements Written<T> {}
  }

  /**
   * One limit and what counts against it.
   *
   * @param inUse by host or pair of hosts; the empty name for everybody's
   */
  record Use(Limits.Scope scope, int limit, Map<String, Integer> inUse) {}

  /**
   * One that waits.
   *
   * @param scope the limit that stands in the way, or null where the intake is paused
   * @param where the host or pair that the limit is about, or null
   * @param why the same in words
   * @param holders some of those who hold it
   */
  record Waiting(
      Migration migration,
      int position,
      Limits.@Nullable Scope scope,
      @Nullable String where,
      int limit,
      int inUse,
      List<MigrationId> holders,
      String why) {}

  /**
   * Everything at one moment.
   *
   * @param starting those who wait for their start, in order
   * @param darkening those who wait to go dark, in order
   * @param paused whether the intake is paused at this moment
   */
  record View(
      Held<Limits> limits,
      Held<Intake> intake,
      boolean paused,
      List<Use> uses,
      List<Waiting> starting,
      List<Waiting> darkening) {
    /** The use of a scope that is everybody's. */
    public int inUse(Limits.Scope scope) {
      return uses.stream()
          .filter(use -> use.scope() == scope)
          .mapToInt(use -> use.inUse().getOrDefault("", 0))
          .sum();
    }
  }

  /** How things stand. */
  View view();

  /**
   * Sets the limits. What is under way goes on, also beyond a limit that was lowered.
   *
   * @param version the one that the caller decided on
   */
  CompletableFuture<Written<Limits>> limits(Limits to, long version, String actor);

  /** Pauses or opens the intake; whoever came last is right. */
  CompletableFuture<Written<Intake>> intake(Intake to);
}
