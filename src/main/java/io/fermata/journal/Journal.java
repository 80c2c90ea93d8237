package io.fermata.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The durable memory of an orchestrator.
 *
 * <p>Writes are queued and made durable in the order in which they came. Reads may block for a
 * moment, see everything that was acknowledged before they began, and throw {@link JournalFault}
 * where the store cannot be read.
 */
public interface Journal extends AutoCloseable {
  /**
   * Queues one transaction and never blocks.
   *
   * <p>The future completes once the change is durable; the callbacks of a future that was pending
   * run on the writer's thread and must neither block nor wait for another append. It completes
   * exceptionally, and nothing of the change is kept, with
   *
   * <ul>
   *   <li>{@link KeyTaken} if its idempotency key is already there (looked at first);
   *   <li>{@link VersionConflict} if a row or host is not at the expected version;
   *   <li>{@link JournalFault}: queue full, closed, or a write that failed. After {@link
   *       JournalFault.Code#WRITE_FAILED} the disk may still turn out to hold the change: whoever
   *       repeats it needs a version check or a key, or must read first.
   * </ul>
   */
  CompletableFuture<Committed> append(Change change);

  /** Entries of one subject with a higher seq, in seq order. */
  List<Entry> entriesOf(String subject, long afterSeq, int limit);

  /** All entries with a higher seq, in seq order. */
  default List<Entry> entriesAfter(long afterSeq, int limit) {
    return entriesAfter(afterSeq, limit, "");
  }

  /** Entries with a higher seq and a type that starts so, in seq order. */
  List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix);

  /** The highest seq, 0 while the journal is empty. */
  long lastSeq();

  Optional<Row> row(String id);

  /** Those of the rows that are there, in no order. */
  default List<Row> rows(Collection<String> ids) {
    return ids.stream().map(this::row).flatMap(Optional::stream).toList();
  }

  /** Rows whose id starts so, in id order. */
  List<Row> rowsByPrefix(String idPrefix, int limit);

  /**
   * Rows that match, newest first.
   *
   * @param cursor {@code Cursor.after(lastRowOfThePageBefore).text()}; null for the first page
   * @throws IllegalArgumentException if the cursor is not one of ours
   */
  List<Row> list(RowFilter filter, @Nullable String cursor, int limit);

  /** Every row without an outcome, oldest first: what a restart has to take up again. */
  List<Row> open();

  Optional<Idempotency> idempotency(String key);

  /** The inventory, by name. */
  List<HostRow> hosts();

  /** Audit records that match, newest first; {@code after} is null for the first page. */
  List<Audited> audit(AuditFilter filter, @Nullable AuditPlace after, int limit);

  /** The links of one chain with a higher number, in order. */
  List<Audited> chain(String chain, long afterNumber, int limit);

  /** The names of all audit chains. */
  List<String> chains();

  /** Documents of one kind, by id. */
  List<Document> documents(String kind);

  /**
   * Adds a listener that is given the entries of each commit, in seq order, on one thread. It must
   * not block: the writer waits for it. What was committed before it was added it reads itself.
   */
  void onCommit(Consumer<List<Entry>> listener);

  /** Writes what is queued, then stops; later appends fail with {@link JournalFault}. */
  @Override
  void close();
}
