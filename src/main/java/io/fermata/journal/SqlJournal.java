package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.READ_FAILED;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The journal in a database: one writer thread with group commit, and connections for reading. */
public final class SqlJournal implements Journal {
  private final GroupCommit writer;
  private final Reading readers;
  private final Runnable last;

  /**
   * @param last is run when nobody reads or writes any more
   */
  SqlJournal(GroupCommit writer, Reading readers, Runnable last) {
    this.writer = writer;
    this.readers = readers;
    this.last = last;
  }

  /** How many transactions were committed since it was opened. */
  public long commits() {
    return writer.commits();
  }

  /** How many changes wait for the writer now. */
  public int queued() {
    return writer.queued();
  }

  /** Fails at once where an answer is not to be expected: loops must not wait for a dead server. */
  private <T> T read(String what, Reading.Query<T> query) {
    if (writer.isAway()) {
      throw new JournalFault(READ_FAILED, what + ", while the database does not answer");
    }
    return readers.read(what, query);
  }

  @Override
  public CompletableFuture<Committed> append(Change change) {
    return writer.append(change);
  }

  @Override
  public List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return read("entries of " + subject, c -> Reads.entriesOf(c, subject, afterSeq, limit));
  }

  @Override
  public List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return read(
        "entries after " + afterSeq, c -> Reads.entriesAfter(c, afterSeq, limit, typePrefix));
  }

  @Override
  public long lastSeq() {
    return read("the last seq", Reads::lastSeq);
  }

  @Override
  public Optional<Row> row(String id) {
    return read("row " + id, c -> Reads.row(c, id));
  }

  @Override
  public List<Row> rows(Collection<String> ids) {
    return read(ids.size() + " rows", c -> Reads.rows(c, List.copyOf(ids)));
  }

  @Override
  public List<Row> rowsByPrefix(String idPrefix, int limit) {
    return read("rows like " + idPrefix, c -> Reads.rowsByPrefix(c, idPrefix, limit));
  }

  @Override
  public List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    Cursor from = cursor == null ? null : Cursor.parse(cursor);
    return read("list of rows", c -> Reads.list(c, filter, from, limit));
  }

  @Override
  public List<Row> open() {
    return read("open rows", Reads::open);
  }

  @Override
  public Optional<Idempotency> idempotency(String key) {
    return read("key " + key, c -> Reads.idempotency(c, key));
  }

  @Override
  public List<HostRow> hosts() {
    return read("hosts", Reads::hosts);
  }

  @Override
  public List<Audited> audit(AuditFilter filter, @Nullable AuditPlace after, int limit) {
    return readers.read("audit records", c -> ExtraReads.audit(c, filter, after, limit));
  }

  @Override
  public List<Audited> chain(String chain, long afterNumber, int limit) {
    return readers.read(
        "audit chain " + chain, c -> ExtraReads.chain(c, chain, afterNumber, limit));
  }

  @Override
  public List<String> chains() {
    return readers.read("audit chains", ExtraReads::chains);
  }

  @Override
  public List<Document> documents(String kind) {
    return readers.read("documents " + kind, c -> ExtraReads.documents(c, kind));
  }

  @Override
  public void onCommit(Consumer<List<Entry>> listener) {
    writer.listen(listener);
  }

  @Override
  public void close() {
    // The lock last: whoever opens the directory next must find nobody at work in it.
    writer.close();
    readers.close();
    last.run();
  }
}
