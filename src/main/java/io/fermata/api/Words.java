package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.migration.DryRuns;
import java.util.function.Predicate;

/**
 * Words that dry runs gave out, each with what it was shown for. A word is good once, for a while,
 * for exactly that, and at every replica.
 */
final class Words<T> {
  private final DryRuns kept;
  private final Results results;
  private final String kind;
  private final Class<T> type;

  /**
   * @param kind of dry run; a word of one kind is none of another
   */
  Words(DryRuns kept, Results results, String kind, Class<T> type) {
    this.kept = kept;
    this.results = results;
    this.kind = kind;
    this.type = type;
  }

  /**
   * A new word for that. The oldest ones make place for it.
   *
   * @throws Refused if the journal does not answer
   */
  String give(T what) {
    return results
        .settled(kept.keep(kind, Json.text(what)))
        .orElseThrow(() -> unavailable("nothing was kept"));
  }

  private static Refused unavailable(String why) {
    return Refused.because(
        ProblemCode.JOURNAL_UNAVAILABLE, "the journal does not answer; " + why + "; try again");
  }

  /**
   * What that word was given out for; it is good no more.
   *
   * @param fits whether that is what is asked for now
   * @param what the same in words
   * @throws Refused if there is no such word for it, or the journal does not answer
   */
  T take(String word, Predicate<T> fits, String what) {
    return switch (results.settled(kept.take(kind, word, text -> fits.test(read(text))))) {
      case DryRuns.Taken.Found found -> read(found.shown());
      case DryRuns.Taken.Unavailable down -> throw unavailable("nothing was done");
      case DryRuns.Taken.Nothing nothing ->
          throw Refused.because(
              ProblemCode.UNCONFIRMED,
              "no dry run of the last minutes gave out this word for "
                  + what
                  + "; run it with ?dryRun=true");
    };
  }

  private T read(String text) {
    return Json.read(text, type);
  }
}
