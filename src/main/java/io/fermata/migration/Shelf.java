package io.fermata.migration;

import io.fermata.journal.Change;
import io.fermata.journal.HostRow;
import io.fermata.journal.HostWrite;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.NewEntry;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Documents that there is one of each: the limits, the intake, what an operator said of a host, a
 * drain. They lie in the journal's inventory, under its version check, and what has no host's name
 * begins with {@code @}, which no host's name does. Each change is an entry of the journal too.
 *
 * <p>On the loop's thread only. What another orchestrator wrote is seen with the next {@link
 * #load}.
 */
final class Shelf {
  private final Journal journal;
  private SortedMap<String, HostRow> documents = new TreeMap<>();

  Shelf(Journal journal) {
    this.journal = journal;
  }

  /**
   * Reads all of them anew.
   *
   * @throws io.fermata.journal.JournalFault if the journal cannot be read; what was known stays
   */
  void load() {
    SortedMap<String, HostRow> read = new TreeMap<>();
    journal.hosts().forEach(row -> read.put(row.name(), row));
    documents = read;
  }

  Optional<HostRow> find(String name) {
    return Optional.ofNullable(documents.get(name));
  }

  /** The version of a document, 0 where there is none. */
  long version(String name) {
    return find(name).map(HostRow::version).orElse(0L);
  }

  /** All whose name begins so, by name. */
  Collection<HostRow> startingWith(String prefix) {
    return List.copyOf(documents.subMap(prefix, prefix + Character.MAX_VALUE).values());
  }

  /**
   * Puts a document in the place of the version that the writer knows. The future completes once
   * that is durable, on whatever thread; {@link #written} then makes it known here.
   *
   * @param entry what the history keeps of it
   */
  CompletableFuture<HostRow> put(
      String name, long expected, Object document, NewEntry entry, @Nullable Idempotency key) {
    var row = new HostRow(name, MigrationJson.write(document), expected + 1);
    var change = new Change(List.of(entry), null, key, List.of(new HostWrite.Put(row, expected)));
    return journal.append(change).thenApply(done -> row);
  }

  /** This is in the journal now. */
  void written(HostRow row) {
    HostRow known = documents.get(row.name());
    if (known == null || known.version() < row.version()) {
      documents.put(row.name(), row);
    }
  }
}
