package io.fermata.migration;

import io.fermata.handover.Side;
import io.fermata.journal.Change;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.NewEntry;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.Term;
import io.fermata.journal.VersionConflict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes migrations to the journal, in order. A write that failed is repeated with everything that
 * came after it as one change, on top of what the journal really holds; a version that somebody
 * else wrote means that the migration is not ours any more.
 */
final class Writer {
  /** The type of a migration's first entry. */
  static final String BIRTH = "migration.submitted";

  private static final long RETRY_MILLIS = 200;

  private final Journal journal;
  private final Beside reading;
  private final Consumer<Runnable> onLoop;
  private final BiConsumer<Run, Result> then;
  private final Map<Run, Backlog> failed =
      new TreeMap<>((a, b) -> a.migration().id().compareTo(b.migration().id()));
  private long retryAt = Long.MAX_VALUE;

  /** How a write ended. */
  enum Result {
    KEPT,
    LOST,
    FAILED
  }

  /** What one change holds, to be written on top of that version of the row. */
  private record Attempt(Run run, List<NewEntry> entries, long version, RowWrite write) {}

  private static final class Backlog {
    private final List<NewEntry> entries = new ArrayList<>();
    private final RowWrite first;
    private boolean asked;

    /**
     * @param first the write that failed first
     */
    Backlog(RowWrite first) {
      this.first = first;
    }

    /** Nobody has written since, whoever did so last: a take-over's first write failed. */
    boolean standsOn(Row held) {
      return held.version() == first.expectedVersion() && Term.of(held).equals(first.holder());
    }
  }

  Writer(Journal journal, Beside reading, Consumer<Runnable> onLoop, BiConsumer<Run, Result> then) {
    this.journal = journal;
    this.reading = reading;
    this.onLoop = onLoop;
    this.then = then;
  }

  /** Whether some write failed and has not been made good. */
  boolean failing() {
    return !failed.isEmpty();
  }

  void write(Run run, List<Note> notes, String actor, long now) {
    Migration m = run.migration();
    List<NewEntry> entries = new ArrayList<>(entries(m, notes, actor));
    if (m.ended()) {
      entries.add(timeline(run, actor));
    }
    Backlog backlog = failed.get(run);
    if (backlog != null) {
      backlog.entries.addAll(entries);
      return;
    }
    append(run, entries, now);
  }

  long nextRetryMillis() {
    return retryAt;
  }

  /** Repeats what failed, if it is time. */
  void retryDue(long now) {
    if (now < retryAt) {
      return;
    }
    retryAt = Long.MAX_VALUE;
    for (Map.Entry<Run, Backlog> each : List.copyOf(failed.entrySet())) {
      retry(each.getKey(), each.getValue(), now);
    }
  }

  private void retry(Run run, Backlog backlog, long now) {
    if (!backlog.asked) {
      backlog.asked = true;
      reading.read(
          () -> journal.row(run.migration().id().value()),
          (held, down) -> {
            backlog.asked = false;
            if (held == null || down != null) {
              retryAt = Math.min(retryAt, now + RETRY_MILLIS);
            } else {
              repeat(run, backlog, held, now);
            }
          });
    }
  }

  private void repeat(Run run, Backlog backlog, Optional<Row> held, long now) {
    failed.remove(run);
    boolean foreign =
        held.isPresent()
            && !backlog.standsOn(held.get())
            && !held.get().owner().equals(run.migration().epoch().owner());
    if (foreign) {
      then.accept(run, Result.LOST);
      return;
    }
    run.rowVersion(held.map(Row::version).orElse(0L));
    held.map(Term::of).ifPresent(run::holder);
    append(run, backlog.entries, now);
  }

  private void append(Run run, List<NewEntry> entries, long now) {
    Migration m = run.migration();
    long expected = run.rowVersion();
    run.rowVersion(expected + 1);
    var write = new RowWrite(row(m, expected + 1, now), expected, run.holder());
    run.holder(Term.of(write.row()));
    Attempt attempt = new Attempt(run, entries, m.version(), write);
    var _ =
        journal
            .append(new Change(entries, write, null))
            .whenComplete((done, fault) -> onLoop.accept(() -> ended(attempt, fault, now)));
  }

  private void ended(Attempt attempt, @Nullable Throwable fault, long now) {
    Run run = attempt.run();
    if (fault == null) {
      run.durable(attempt.version());
      then.accept(run, Result.KEPT);
      return;
    }
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    if (cause instanceof VersionConflict && !failed.containsKey(run)) {
      then.accept(run, Result.LOST);
      return;
    }
    failed
        .computeIfAbsent(run, r -> new Backlog(attempt.write()))
        .entries
        .addAll(attempt.entries());
    retryAt = Math.min(retryAt, now + RETRY_MILLIS);
    then.accept(run, Result.FAILED);
  }

  /** The first change of a migration: it exists once this is on disk. */
  static Change birth(Migration m, @Nullable Idempotency key) {
    String data = MigrationJson.write(m.order());
    var entry = new NewEntry(BIRTH, m.id().value(), m.actor(), data);
    return new Change(List.of(entry), new RowWrite(row(m, 1, m.created()), 0), key);
  }

  static List<NewEntry> entries(Migration m, List<Note> notes, String actor) {
    return notes.stream()
        .map(note ->
            new NewEntry(
                MigrationJson.type(note.getClass()),
                m.id().value(),
                actor,
                MigrationJson.write(note)))
        .toList();
  }

  private static NewEntry timeline(Run run, String actor) {
    Live.SideView source = run.on(Side.SOURCE).view();
    Live.SideView destination = run.on(Side.DESTINATION).view();
    var timeline =
        new Timeline(source.hops(), source.clock(), destination.hops(), destination.clock());
    String id = run.migration().id().value();
    return new NewEntry(Timeline.TYPE, id, actor, MigrationJson.write(timeline));
  }

  static Row row(Migration m, long version, long now) {
    return new Row(
        m.id().value(),
        m.order().vm(),
        m.order().source().value(),
        m.order().destination().value(),
        m.phase().name(),
        m.outcome() == null ? null : m.outcome().name(),
        m.epoch().owner(),
        m.epoch().number(),
        version,
        m.created(),
        now,
        MigrationJson.write(m));
  }
}
