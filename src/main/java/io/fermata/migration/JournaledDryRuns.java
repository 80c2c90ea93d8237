package io.fermata.migration;

import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.VersionConflict;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Dry runs as documents of the journal. A word is taken by writing over its document, under the
 * journal's version check.
 */
public final class JournaledDryRuns implements DryRuns {
  private static final String KIND = "dry-run";
  private static final int LENGTH = 13;

  private final Journal journal;
  private final InstantSource time;
  private final RandomGenerator random;
  private final Settings settings;

  /**
   * How many are kept, and for how long.
   *
   * @param most of all kinds
   */
  public record Settings(int most, Duration valid) {}

  private record Kept(String kind, String shown, long madeMillis, boolean taken) {}

  /**
   * @param random of which nobody can guess the next number
   */
  public JournaledDryRuns(
      Journal journal, InstantSource time, RandomGenerator random, Settings settings) {
    this.journal = journal;
    this.time = time;
    this.random = random;
    this.settings = settings;
  }

  @Override
  public CompletableFuture<Optional<String>> keep(String kind, String shown) {
    String word = JournaledMigrations.word(random, LENGTH);
    List<Extra> extras = new ArrayList<>();
    try {
      old().forEach(id -> extras.add(new Extra.Delete(KIND, id)));
    } catch (JournalFault down) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Kept kept = new Kept(kind, shown, time.millis(), false);
    extras.add(new Extra.Put(new Document(KIND, word, 1, MigrationJson.write(kept)), 0));
    return journal
        .append(Change.extra(extras.toArray(Extra[]::new)))
        .handle((done, fault) -> fault == null ? Optional.of(word) : Optional.empty());
  }

  /** What is no longer good, and so many of the others that one more has its place. */
  private List<String> old() {
    List<Document> all =
        journal.documents(KIND).stream()
            .sorted(Comparator.comparingLong(d -> read(d).madeMillis()))
            .toList();
    List<String> old = new ArrayList<>();
    int left = all.size();
    for (Document each : all) {
      if (left >= settings.most() || read(each).taken() || !isFresh(read(each))) {
        old.add(each.id());
        left--;
      }
    }
    return old;
  }

  private boolean isFresh(Kept kept) {
    return time.millis() - kept.madeMillis() <= settings.valid().toMillis();
  }

  private static Kept read(Document document) {
    return MigrationJson.read(document.data(), Kept.class);
  }

  @Override
  public CompletableFuture<Taken> take(String kind, String word, Predicate<String> fits) {
    Optional<Kept> found;
    try {
      found =
          journal.documents(KIND).stream()
              .filter(document -> document.id().equals(word))
              .map(JournaledDryRuns::read)
              .filter(kept -> kept.kind().equals(kind) && !kept.taken() && isFresh(kept))
              .filter(kept -> fits.test(kept.shown()))
              .findFirst();
    } catch (JournalFault down) {
      return CompletableFuture.completedFuture(unavailable(down));
    }
    return found
        .map(kept -> take(word, kept))
        .orElseGet(() -> CompletableFuture.completedFuture(new Taken.Nothing()));
  }

  private CompletableFuture<Taken> take(String word, Kept kept) {
    Kept taken = new Kept(kept.kind(), "", kept.madeMillis(), true);
    var over = new Extra.Put(new Document(KIND, word, 2, MigrationJson.write(taken)), 1);
    return journal
        .append(Change.extra(over))
        .handle((done, fault) -> {
          Throwable cause = fault instanceof CompletionException e ? e.getCause() : fault;
          if (cause == null) {
            return new Taken.Found(kept.shown());
          }
          return cause instanceof VersionConflict ? new Taken.Nothing() : unavailable(cause);
        });
  }

  private static Taken unavailable(Throwable cause) {
    return new Taken.Unavailable(String.valueOf(cause.getMessage()));
  }
}
