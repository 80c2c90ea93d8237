package io.fermata.migration;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What dry runs showed, each under a word of its own, where every replica finds it: whoever sends
 * the real request to another one than the dry run is understood all the same.
 */
public interface DryRuns {
  /** How a wish came out. */
  sealed interface Taken {
    /** It was kept under that word and is good no more. */
    record Found(String shown) implements Taken {}

    /** Nothing that fits is kept under that word. */
    record Nothing() implements Taken {}

    /** The journal does not answer; whether the word is still good is not known. */
    record Unavailable(String why) implements Taken {}
  }

  /**
   * Keeps that for a while; the oldest ones make place for it.
   *
   * @return once it is durable: the word, or empty if the journal does not answer
   */
  CompletableFuture<Optional<String>> keep(String kind, String shown);

  /**
   * What was kept under that word, once: of two that ask at the same time one gets nothing. A word
   * that does not fit stays good.
   */
  CompletableFuture<Taken> take(String kind, String word, Predicate<String> fits);
}
