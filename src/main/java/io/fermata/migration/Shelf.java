package io.fermata.migration;

import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.NewEntry;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Documents of one kind, as the journal has them: such as the limits, of which there are one. Each
 * change is an entry of the journal too.
 *
 * <p>On the loop's thread only, but for {@link #read}, which brings what another orchestrator
 * wrote.
 */
final class Shelf {
  private final Journal journal;
  private final String kind;
  private final SortedMap<String, Document> documents = new TreeMap<>();

  Shelf(Journal journal, String kind) {
    this.journal = journal;
    this.kind = kind;
  }

  /**
   * Reads all of them anew, on any thread; {@link #written} then makes each known here.
   *
   * @throws io.fermata.journal.JournalFault if the journal cannot be read
   */
  List<Document> read() {
    return journal.documents(kind);
  }

  Optional<Document> find(String id) {
    return Optional.ofNullable(documents.get(id));
  }

  /** The version of a document, 0 where there is none. */
  long version(String id) {
    return find(id).map(Document::version).orElse(0L);
  }

  /**
   * Puts a document in the place of the version that the writer knows. The future completes once
   * that is durable, on whatever thread; {@link #written} then makes it known here.
   *
   * @param entry what the history keeps of it
   */
  CompletableFuture<Document> put(String id, long expected, Object data, NewEntry entry) {
    var document = new Document(kind, id, expected + 1, MigrationJson.write(data));
    List<Extra> put = List.of(new Extra.Put(document, expected));
    var change = new Change(List.of(entry), null, null, List.of(), put);
    return journal.append(change).thenApply(done -> document);
  }

  /** This is in the journal now. */
  void written(Document document) {
    if (version(document.id()) < document.version()) {
      documents.put(document.id(), document);
    }
  }
}
