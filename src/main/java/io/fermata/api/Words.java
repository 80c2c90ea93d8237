package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Words that dry runs gave out, each with what it was shown for. A word is good once, for a while,
 * and for exactly that.
 */
final class Words<T> {
  static final Duration VALID = Duration.ofMinutes(10);
  private static final int MOST = 100;

  private final InstantSource time;
  private final RandomGenerator random = RandomGenerator.of("SecureRandom");
  private final Map<String, Given<T>> given = new LinkedHashMap<>();

  private record Given<T>(T what, long madeMillis) {}

  Words(InstantSource time) {
    this.time = time;
  }

  /** A new word for that. The oldest ones make place for it. */
  synchronized String give(T what) {
    String word = Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX);
    given.put(word, new Given<>(what, time.millis()));
    Iterator<Given<T>> oldest = given.values().iterator();
    while (given.size() > MOST) {
      oldest.next();
      oldest.remove();
    }
    return word;
  }

  /**
   * What that word was given out for; it is good no more.
   *
   * @param fits whether that is what is asked for now
   * @param what the same in words
   * @throws Refused if there is no such word for it
   */
  synchronized T take(String word, Predicate<T> fits, String what) {
    @Nullable Given<T> found = given.get(word);
    if (found == null
        || !fits.test(found.what())
        || time.millis() - found.madeMillis() > VALID.toMillis()) {
      throw Refused.because(
          ProblemCode.UNCONFIRMED,
          "no dry run of the last "
              + VALID.toMinutes()
              + " minutes gave out this word for "
              + what
              + "; run it with ?dryRun=true");
    }
    given.remove(word);
    return found.what();
  }
}
