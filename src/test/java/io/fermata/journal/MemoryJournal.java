package io.fermata.journal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A journal without a disk and without threads, for tests and the simulator: an append is done when
 * the call returns, unless the test holds it or makes it fail. It outlives {@link #close} as a disk
 * outlives a process: {@link #reopen} starts the next life on what was acknowledged.
 */
public final class MemoryJournal implements Journal {
  private record Pending(Change change, CompletableFuture<Committed> future) {}

  private final InstantSource time;
  private final Duration keyRetention;
  private final List<Entry> entries;
  private final Map<String, Row> rows;
  private final Map<String, Idempotency> keys;
  private final Map<String, HostRow> hosts;
  private final Map<String, Lease> leases;
  private final MemoryExtras extras;
  private final List<Consumer<List<Entry>>> listeners = new ArrayList<>();
  private final Queue<Pending> held = new ArrayDeque<>();
  private Function<Change, Optional<JournalFault>> failing = change -> Optional.empty();
  private boolean holding;
  private boolean closed;

  public MemoryJournal(InstantSource time, Duration keyRetention) {
    this.time = time;
    this.keyRetention = keyRetention;
    this.entries = new ArrayList<>();
    this.rows = new TreeMap<>();
    this.keys = new TreeMap<>();
    this.hosts = new TreeMap<>();
    this.leases = new TreeMap<>();
    this.extras = new MemoryExtras();
  }

  private MemoryJournal(MemoryJournal before) {
    this.time = before.time;
    this.keyRetention = before.keyRetention;
    this.entries = new ArrayList<>(before.entries);
    this.rows = new TreeMap<>(before.rows);
    this.keys = new TreeMap<>(before.keys);
    this.hosts = new TreeMap<>(before.hosts);
    this.leases = new TreeMap<>(before.leases);
    this.extras = new MemoryExtras(before.extras);
  }

  /** A replica's lease. */
  private record Lease(Replicas.Replica replica, long untilMillis) {}

  /** As {@link Replicas#renew}, by the clock of whoever asks. */
  public synchronized boolean renew(Replicas.Replica self, long nowMillis, long leaseMillis) {
    boolean unbroken = lives(self.id(), nowMillis);
    leases.put(self.id(), new Lease(self, nowMillis + leaseMillis));
    return unbroken;
  }

  /** Whether that replica's lease runs. */
  public synchronized boolean lives(String id, long nowMillis) {
    return leases.containsKey(id) && leases.get(id).untilMillis() > nowMillis;
  }

  /** As {@link Replicas#leave}. */
  public synchronized void leave(String id) {
    leases.remove(id);
  }

  /** As {@link Replicas#all}. */
  public synchronized List<Replicas.Replica> replicas(long nowMillis) {
    return leases.values().stream()
        .map(lease ->
            new Replicas.Replica(
                lease.replica().id(),
                lease.replica().url(),
                lease.replica().token(),
                lease.replica().startedMillis(),
                lease.untilMillis() - nowMillis))
        .toList();
  }

  /** From now on every append is first shown to {@code fault}; what it returns fails the append. */
  public synchronized void failing(Function<Change, Optional<JournalFault>> fault) {
    failing = fault;
  }

  /** From now on appends stay pending, as on a disk that takes its time. */
  public synchronized void hold() {
    holding = true;
  }

  /** Makes durable what was held, in order, and no longer holds. */
  public synchronized void release() {
    holding = false;
    for (Pending next = held.poll(); next != null; next = held.poll()) {
      commit(next);
    }
  }

  /** How many appends are held. */
  public synchronized int held() {
    return held.size();
  }

  /** The journal of the next life: what was durable is there, what was held is lost unanswered. */
  public synchronized MemoryJournal reopen() {
    closed = true;
    held.clear();
    return new MemoryJournal(this);
  }

  /** A backup of what is durable now, as a journal of its own. */
  public synchronized MemoryJournal copy() {
    return new MemoryJournal(this);
  }

  @Override
  public synchronized CompletableFuture<Committed> append(Change change) {
    Pending pending = new Pending(change, new CompletableFuture<>());
    if (closed) {
      return CompletableFuture.failedFuture(
          new JournalFault(JournalFault.Code.CLOSED, "appending"));
    }
    if (holding) {
      held.add(pending);
    } else {
      commit(pending);
    }
    return pending.future();
  }

  private void commit(Pending pending) {
    Committed committed;
    try {
      failing
          .apply(pending.change())
          .ifPresent(fault -> {
            throw fault;
          });
      committed = apply(pending.change());
    } catch (JournalFault | KeyTaken | VersionConflict e) {
      pending.future().completeExceptionally(e);
      return;
    }
    pending.future().complete(committed);
    if (!committed.entries().isEmpty()) {
      List.copyOf(listeners).forEach(listener -> listener.accept(committed.entries()));
    }
  }

  /** Checks everything before it changes anything: the change is one transaction. */
  private Committed apply(Change change) {
    Idempotency key = change.idempotency();
    if (key != null && keys.containsKey(key.key())) {
      throw new KeyTaken(keys.get(key.key()));
    }
    RowWrite write = change.row();
    if (write != null) {
      Row old = rows.get(write.row().id());
      expect(write.row().id(), write.expectedVersion(), old == null ? 0 : old.version());
      if (old != null && write.holder() != null && !write.holder().equals(Term.of(old))) {
        throw new VersionConflict(old.id(), write.expectedVersion(), old.version());
      }
    }
    Map<String, HostRow> hostsAfter = new TreeMap<>(hosts);
    for (HostWrite host : change.hosts()) {
      HostRow old = hostsAfter.get(host.name());
      expect(host.name(), host.expectedVersion(), old == null ? 0 : old.version());
      switch (host) {
        case HostWrite.Put put -> hostsAfter.put(put.name(), put.host());
        case HostWrite.Delete delete -> hostsAfter.remove(delete.name());
      }
    }
    extras.apply(change.extras());
    if (key != null) {
      keys.put(key.key(), key);
    }
    if (write != null) {
      rows.merge(write.row().id(), write.row(), MemoryJournal::replaced);
    }
    hosts.clear();
    hosts.putAll(hostsAfter);
    List<Entry> appended = appendEntries(change.entries());
    long oldest = time.millis() - keyRetention.toMillis();
    keys.values().removeIf(kept -> kept.createdMillis() < oldest);
    return new Committed(appended);
  }

  private List<Entry> appendEntries(List<NewEntry> added) {
    int before = entries.size();
    for (NewEntry e : added) {
      long seq = entries.size() + 1L;
      entries.add(new Entry(seq, time.millis(), e.type(), e.subject(), e.actor(), e.data()));
    }
    return List.copyOf(entries.subList(before, entries.size()));
  }

  private static void expect(String id, long expected, long found) {
    if (found != expected) {
      throw new VersionConflict(id, expected, found);
    }
  }

  private static Row replaced(Row old, Row row) {
    return new Row(
        row.id(),
        row.vm(),
        row.source(),
        row.destination(),
        row.phase(),
        row.outcome(),
        row.owner(),
        row.epoch(),
        row.version(),
        old.createdMillis(),
        row.updatedMillis(),
        row.data());
  }

  @Override
  public synchronized List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return after(afterSeq).filter(e -> e.subject().equals(subject)).limit(limit).toList();
  }

  @Override
  public synchronized List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return after(afterSeq).filter(e -> e.type().startsWith(typePrefix)).limit(limit).toList();
  }

  private Stream<Entry> after(long afterSeq) {
    return entries.stream().skip(Math.max(0, afterSeq));
  }

  @Override
  public synchronized long lastSeq() {
    return entries.size();
  }

  @Override
  public synchronized Optional<Row> row(String id) {
    return Optional.ofNullable(rows.get(id));
  }

  @Override
  public synchronized List<Row> rowsByPrefix(String idPrefix, int limit) {
    return rows.values().stream().filter(r -> r.id().startsWith(idPrefix)).limit(limit).toList();
  }

  @Override
  public synchronized List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    Cursor from = cursor == null ? null : Cursor.parse(cursor);
    return rows.values().stream()
        .filter(filter::matches)
        .filter(row -> from == null || from.isBefore(row))
        .sorted(Comparator.comparingLong(Row::createdMillis).thenComparing(Row::id).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<Row> open() {
    return rows.values().stream()
        .filter(row -> row.outcome() == null)
        .sorted(Comparator.comparingLong(Row::createdMillis).thenComparing(Row::id))
        .toList();
  }

  @Override
  public synchronized Optional<Idempotency> idempotency(String key) {
    return Optional.ofNullable(keys.get(key));
  }

  @Override
  public synchronized List<HostRow> hosts() {
    return List.copyOf(hosts.values());
  }

  @Override
  public synchronized List<Audited> audit(AuditFilter filter, AuditPlace after, int limit) {
    return extras.audit(filter, after, limit);
  }

  @Override
  public synchronized List<Audited> chain(String chain, long afterNumber, int limit) {
    return extras.chain(afterNumber, limit);
  }

  @Override
  public synchronized List<String> chains() {
    return List.of(MemoryExtras.CHAIN);
  }

  @Override
  public synchronized List<Document> documents(String kind) {
    return extras.documents(kind);
  }

  @Override
  public synchronized void onCommit(Consumer<List<Entry>> listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    release();
    closed = true;
  }
}
