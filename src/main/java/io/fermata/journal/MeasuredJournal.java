package io.fermata.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A journal that tells of its faults before its callers hear of them. */
final class MeasuredJournal implements Journal {
  private final Journal journal;
  private final Runnable failed;

  MeasuredJournal(Journal journal, Runnable failed) {
    this.journal = journal;
    this.failed = failed;
  }

  @Override
  public CompletableFuture<Committed> append(Change change) {
    return journal.append(change).whenComplete((done, fault) -> note(fault));
  }

  private void note(@Nullable Throwable fault) {
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    if (cause instanceof JournalFault) {
      failed.run();
    }
  }

  private <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (JournalFault fault) {
      failed.run();
      throw fault;
    }
  }

  @Override
  public List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return read(() -> journal.entriesOf(subject, afterSeq, limit));
  }

  @Override
  public List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return read(() -> journal.entriesAfter(afterSeq, limit, typePrefix));
  }

  @Override
  public long lastSeq() {
    return read(journal::lastSeq);
  }

  @Override
  public List<Row> rows(Collection<String> ids) {
    return read(() -> journal.rows(ids));
  }

  @Override
  public Optional<Row> row(String id) {
    return read(() -> journal.row(id));
  }

  @Override
  public List<Row> rowsByPrefix(String idPrefix, int limit) {
    return read(() -> journal.rowsByPrefix(idPrefix, limit));
  }

  @Override
  public List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    return read(() -> journal.list(filter, cursor, limit));
  }

  @Override
  public List<Row> open() {
    return read(journal::open);
  }

  @Override
  public Optional<Idempotency> idempotency(String key) {
    return read(() -> journal.idempotency(key));
  }

  @Override
  public List<HostRow> hosts() {
    return read(journal::hosts);
  }

  @Override
  public List<Audited> audit(AuditFilter filter, @Nullable AuditPlace after, int limit) {
    return read(() -> journal.audit(filter, after, limit));
  }

  @Override
  public List<Audited> chain(String chain, long afterNumber, int limit) {
    return read(() -> journal.chain(chain, afterNumber, limit));
  }

  @Override
  public List<String> chains() {
    return read(journal::chains);
  }

  @Override
  public List<Document> documents(String kind) {
    return read(() -> journal.documents(kind));
  }

  @Override
  public void onCommit(Consumer<List<Entry>> listener) {
    journal.onCommit(listener);
  }

  @Override
  public void close() {
    journal.close();
  }
}
