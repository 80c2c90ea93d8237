package io.fermata.simulation;

import io.fermata.journal.AuditFilter;
import io.fermata.journal.AuditPlace;
import io.fermata.journal.Audited;
import io.fermata.journal.Change;
import io.fermata.journal.Committed;
import io.fermata.journal.Document;
import io.fermata.journal.Entry;
import io.fermata.journal.HostRow;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.MemoryReplicas;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import io.fermata.journal.RowWrite;
import io.fermata.migration.MigrationRows;
import io.fermata.migration.Phase;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One orchestrator's way to the journal that all share: writes take their time, in order, and may
 * fail with the change on disk or not.
 */
final class SimJournal implements Journal {
  private final MemoryJournal shared;
  private final World world;
  private final Truth truth;
  private final SimClock leases;
  private final String owner;
  private final RandomGenerator random;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private long busyUntil;
  private long downUntil;
  private long fullUntil;
  private boolean dead;

  private record Pending(Change change, CompletableFuture<Committed> future) {}

  SimJournal(MemoryJournal shared, Surroundings around, String owner) {
    this.shared = shared;
    this.world = around.world();
    this.truth = around.truth();
    this.leases = around.leases();
    this.owner = owner;
    this.random = world.random("journal " + owner);
  }

  @Override
  public CompletableFuture<Committed> append(Change change) {
    Pending next = new Pending(change, new CompletableFuture<>());
    if (dead) {
      return next.future();
    }
    pending.add(next);
    long took = World.between(200 * World.MICRO, 5 * World.MILLI, random);
    if (world.strikes(Fault.JOURNAL_SLOW, random)) {
      took = World.between(50 * World.MILLI, 5 * World.SECOND, random);
    }
    busyUntil = Math.max(busyUntil, world.now()) + took;
    world.at(busyUntil, owner + "'s journal writes", this::write);
    return next.future();
  }

  private void write() {
    Pending next = pending.poll();
    if (next == null) {
      return;
    }
    if (isDown() || isFull()) {
      if (!isFull() && random.nextBoolean()) {
        commit(next.change()).exceptionally(fault -> null).join();
      }
      next.future()
          .completeExceptionally(new JournalFault(JournalFault.Code.WRITE_FAILED, "simulated"));
      return;
    }
    commit(next.change())
        .whenComplete((done, fault) -> {
          if (fault == null) {
            next.future().complete(done);
          } else {
            next.future().completeExceptionally(fault);
          }
        });
  }

  private CompletableFuture<Committed> commit(Change asked) {
    Change change = world.lacks(Rule.ROWS_UNCHECKED) ? unchecked(asked) : asked;
    return shared
        .append(change)
        .whenComplete((done, fault) -> {
          if (fault == null && change.row() != null) {
            show(change.row().row());
          }
        });
  }

  private void show(Row row) {
    if (row.outcome() != null) {
      truth.ended(MigrationRows.read(row));
    } else if (row.phase().equals(Phase.NEEDS_OPERATOR.name())) {
      truth.parked(MigrationRows.read(row));
    }
  }

  private Change unchecked(Change change) {
    RowWrite write = change.row();
    if (write == null || write.expectedVersion() == 0) {
      return change;
    }
    Row row = write.row();
    long held = shared.row(row.id()).map(Row::version).orElse(0L);
    Row forced =
        new Row(
            row.id(),
            row.vm(),
            row.source(),
            row.destination(),
            row.phase(),
            row.outcome(),
            row.owner(),
            row.epoch(),
            held + 1,
            row.createdMillis(),
            row.updatedMillis(),
            row.data());
    return new Change(change.entries(), new RowWrite(forced, held), change.idempotency());
  }

  /** The process is gone: some of what it had queued is on disk, and nobody is told. */
  void die() {
    dead = true;
    int kept = random.nextInt(pending.size() + 1);
    for (int i = 0; i < kept; i++) {
      Pending next = pending.poll();
      if (next != null) {
        commit(next.change()).exceptionally(fault -> null).join();
      }
    }
    pending.clear();
  }

  void down(long nanos) {
    downUntil = world.now() + nanos;
  }

  /** Nothing can be written for so long, and nothing of it is there afterwards. */
  void fill(long nanos) {
    fullUntil = world.now() + nanos;
  }

  private boolean isFull() {
    return !world.isCalm() && fullUntil > world.now();
  }

  private boolean isDown() {
    return !world.isCalm() && downUntil > world.now();
  }

  /** The leases beside the journal, by the journal's own clock. */
  Replicas replicas() {
    return new MemoryReplicas(this::reading, this::writing, () -> leases.epoch() / World.MILLI);
  }

  private MemoryJournal writing() {
    if (isFull()) {
      throw new JournalFault(JournalFault.Code.WRITE_FAILED, "simulated");
    }
    return reading();
  }

  private MemoryJournal reading() {
    if (isDown() || dead) {
      throw new JournalFault(JournalFault.Code.READ_FAILED, "simulated");
    }
    return shared;
  }

  @Override
  public List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return reading().entriesOf(subject, afterSeq, limit);
  }

  @Override
  public List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return reading().entriesAfter(afterSeq, limit, typePrefix);
  }

  @Override
  public long lastSeq() {
    return reading().lastSeq();
  }

  @Override
  public Optional<Row> row(String id) {
    return reading().row(id);
  }

  @Override
  public List<Row> rowsByPrefix(String idPrefix, int limit) {
    return reading().rowsByPrefix(idPrefix, limit);
  }

  @Override
  public List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    return reading().list(filter, cursor, limit);
  }

  @Override
  public List<Row> open() {
    return reading().open();
  }

  @Override
  public Optional<Idempotency> idempotency(String key) {
    return reading().idempotency(key);
  }

  @Override
  public List<Audited> audit(AuditFilter filter, AuditPlace after, int limit) {
    return reading().audit(filter, after, limit);
  }

  @Override
  public List<Audited> chain(String chain, long afterNumber, int limit) {
    return reading().chain(chain, afterNumber, limit);
  }

  @Override
  public List<String> chains() {
    return reading().chains();
  }

  @Override
  public List<Document> documents(String kind) {
    return reading().documents(kind);
  }

  @Override
  public List<HostRow> hosts() {
    return reading().hosts();
  }

  @Override
  public void onCommit(Consumer<List<Entry>> listener) {
    // nobody follows events here
  }

  @Override
  public void close() {
    die();
  }
}
