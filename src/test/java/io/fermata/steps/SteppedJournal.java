package io.fermata.steps;

import io.fermata.handover.MigrationId;
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
import io.fermata.journal.NewEntry;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import io.fermata.journal.RowWrite;
import io.fermata.migration.MigrationNotes;
import io.fermata.migration.Note;
import io.fermata.migration.Phase;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One orchestrator's way to the journal: every append is a step. */
final class SteppedJournal implements Journal {
  private static final Set<Disturbance> WRITING =
      EnumSet.of(
          Disturbance.FAILS_BEFORE,
          Disturbance.FAILS_AFTER,
          Disturbance.CRASHES_BEFORE_SYNC,
          Disturbance.CRASHES_AFTER_SYNC,
          Disturbance.CRASHES_AFTER_SEND,
          Disturbance.TWICE,
          Disturbance.ANSWER_LOST,
          Disturbance.AWAY);
  private static final long LATE = 2_000 * Stage.MILLI;

  private final MemoryJournal shared;
  private final Orchestrator owner;
  private @Nullable Phase phase;

  SteppedJournal(MemoryJournal shared, Orchestrator owner) {
    this.shared = shared;
    this.owner = owner;
  }

  /** Where the migration stands, as this orchestrator decided last. */
  @Nullable Phase phase() {
    return phase;
  }

  @Override
  public CompletableFuture<Committed> append(Change change) {
    CompletableFuture<Committed> future = new CompletableFuture<>();
    if (!owner.isAlive()) {
      return future;
    }
    Phase before = phase;
    Set<String> kept = new TreeSet<>();
    for (NewEntry entry : change.entries()) {
      kept.add(noted(entry));
    }
    RowWrite row = Objects.requireNonNull(change.row());
    phase = Phase.valueOf(row.row().phase());
    owner.born(new MigrationId(row.row().id()));
    Disturbance by = owner.step(String.valueOf(before), "keeps " + kept, WRITING);
    write(change, future, by);
    return future;
  }

  private String noted(NewEntry entry) {
    owner.stage().rows.words.add(entry.type());
    return MigrationNotes.read(entry).map(this::noted).orElse(entry.type());
  }

  private String noted(Note note) {
    return switch (note) {
      case Note.Moved n -> {
        owner.stage().rows.moves.add(n.from() + " on " + n.on());
        yield n.on() + (n.outcome() == null ? "" : " " + n.outcome());
      }
      case Note.Failed n -> {
        owner.stage().rows.failures.add(n.failure().code());
        yield n.failure().code().name();
      }
      default -> note.getClass().getSimpleName();
    };
  }

  private void write(Change change, CompletableFuture<Committed> future, @Nullable Disturbance by) {
    var fault = new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk said no");
    Stage stage = owner.stage();
    if (by == Disturbance.CRASHES_BEFORE_SYNC) {
      owner.end(by);
      return;
    }
    if (by == Disturbance.FAILS_BEFORE) {
      stage.soon(() -> future.completeExceptionally(fault));
      return;
    }
    CompletableFuture<Committed> written = shared.append(change);
    if (!written.isCompletedExceptionally()) {
      owner.written(Objects.requireNonNull(change.row()).row());
    }
    if (by == Disturbance.CRASHES_AFTER_SYNC) {
      owner.end(by);
    } else if (by == Disturbance.FAILS_AFTER) {
      stage.soon(() -> future.completeExceptionally(fault));
    } else {
      long pause = by == Disturbance.ANSWER_LOST ? LATE : 0;
      stage.at(stage.now() + pause, () -> hand(written, future));
      if (by == Disturbance.TWICE) {
        owner.startBeside();
      }
      if (by == Disturbance.CRASHES_AFTER_SEND || by == Disturbance.AWAY) {
        owner.endSoon(by);
      }
    }
  }

  private void hand(CompletableFuture<Committed> written, CompletableFuture<Committed> future) {
    if (owner.isAlive()) {
      var _ =
          written.whenComplete((done, thrown) -> {
            if (thrown == null) {
              future.complete(done);
            } else {
              future.completeExceptionally(thrown);
            }
          });
    }
  }

  @Override
  public List<Entry> entriesOf(String subject, long afterSeq, int limit) {
    return shared.entriesOf(subject, afterSeq, limit);
  }

  @Override
  public List<Entry> entriesAfter(long afterSeq, int limit, String typePrefix) {
    return shared.entriesAfter(afterSeq, limit, typePrefix);
  }

  @Override
  public long lastSeq() {
    return shared.lastSeq();
  }

  @Override
  public Optional<Row> row(String id) {
    return shared.row(id);
  }

  @Override
  public List<Row> rowsByPrefix(String idPrefix, int limit) {
    return shared.rowsByPrefix(idPrefix, limit);
  }

  @Override
  public List<Row> list(RowFilter filter, @Nullable String cursor, int limit) {
    return shared.list(filter, cursor, limit);
  }

  @Override
  public List<Row> open() {
    List<Row> open = shared.open();
    open.forEach(row -> phase = Phase.valueOf(row.phase()));
    return open;
  }

  @Override
  public Optional<Idempotency> idempotency(String key) {
    return shared.idempotency(key);
  }

  @Override
  public List<Audited> audit(AuditFilter filter, AuditPlace after, int limit) {
    return shared.audit(filter, after, limit);
  }

  @Override
  public List<Audited> chain(String chain, long afterNumber, int limit) {
    return shared.chain(chain, afterNumber, limit);
  }

  @Override
  public List<String> chains() {
    return shared.chains();
  }

  @Override
  public List<Document> documents(String kind) {
    return shared.documents(kind);
  }

  @Override
  public List<HostRow> hosts() {
    return shared.hosts();
  }

  @Override
  public void onCommit(Consumer<List<Entry>> listener) {
    // nobody listens here; an orchestrator that is gone must not be told
  }

  @Override
  public void close() {}
}
