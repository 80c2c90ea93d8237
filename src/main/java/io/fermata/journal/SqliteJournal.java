package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal in one SQLite file: write-ahead log, a flush with every commit, one writer thread, a
 * few readers. For one orchestrator on one machine.
 */
public final class SqliteJournal implements Journal {
  private final SqliteStore store;
  private final GroupCommit writer;
  private final Readers readers;

  private SqliteJournal(SqliteStore store, GroupCommit writer, Readers readers) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
  }

  /**
   * Opens or makes the journal in its directory and starts the writer.
   *
   * @param appendNanos told of each append how long it took from call to commit; on the writer's
   *     thread, must not block
   * @throws JournalFault if the directory is in use, cannot be opened, or would not be durable
   */
  public static SqliteJournal open(
      JournalSettings settings, JournalTime time, LongConsumer appendNanos) {
    SqliteStore store = SqliteStore.open(settings.directory());
    return open(store, store::writer, settings, time, appendNanos);
  }

  static SqliteJournal open(
      SqliteStore store,
      GroupCommit.Opening opening,
      JournalSettings settings,
      JournalTime time,
      LongConsumer appendNanos) {
    boolean started = false;
    try {
      GroupCommit writer = new GroupCommit(opening, settings, time, appendNanos);
      writer.start();
      started = true;
      return new SqliteJournal(store, writer, new Readers(store, settings.readers()));
    } catch (SQLException e) {
      throw new JournalFault(OPEN_FAILED, "opening the writer in " + settings.directory(), e);
    } finally {
      if (!started) {
        store.close();
      }
    }
  }

  /** How many transactions were committed since it was opened. */
  public long commits() {
    return writer.commits();
  }

  /** How many changes wait for the writer now. */
  public int queued() {
    return writer.queued();
  }

  @Override
  public CompletableFuture<Committed> append(Change change) {
    return writer.append(change);
  }

  @Override
  public List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return readers.read("entries of " + subject, c -> Reads.entriesOf(c, subject, afterSeq, limit));
  }

  @Override
  public List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return readers.read(
        "entries after " + afterSeq, c -> Reads.entriesAfter(c, afterSeq, limit, typePrefix));
  }

  @Override
  public long lastSeq() {
    return readers.read("the last seq", Reads::lastSeq);
  }

  @Override
  public Optional<Row> row(String id) {
    return readers.read("row " + id, c -> Reads.row(c, id));
  }

  @Override
  public List<Row> rowsByPrefix(String idPrefix, int limit) {
    return readers.read("rows like " + idPrefix, c -> Reads.rowsByPrefix(c, idPrefix, limit));
  }

  @Override
  public List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    Cursor from = cursor == null ? null : Cursor.parse(cursor);
    return readers.read("list of rows", c -> Reads.list(c, filter, from, limit));
  }

  @Override
  public List<Row> open() {
    return readers.read("open rows", Reads::open);
  }

  @Override
  public Optional<Idempotency> idempotency(String key) {
    return readers.read("key " + key, c -> Reads.idempotency(c, key));
  }

  @Override
  public List<HostRow> hosts() {
    return readers.read("hosts", Reads::hosts);
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
    store.close();
  }
}
