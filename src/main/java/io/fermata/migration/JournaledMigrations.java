package io.fermata.migration;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.Cursor;
import io.fermata.journal.Entry;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.KeyTaken;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The migrations of one orchestrator: commands go to the loop, what is over is read from the
 * journal.
 */
public final class JournaledMigrations implements Migrations {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int ID_LENGTH = 16;
  private static final int TOKEN_LENGTH = 32;

  private final MigrationLoop loop;
  private final Journal journal;
  private final RandomGenerator random;
  private final Resolutions resolutions;
  private final Shown shown;
  private int beingBorn;
  private final List<Consumer<Happening>> followers = new CopyOnWriteArrayList<>();

  public JournaledMigrations(MigrationLoop loop, Journal journal, RandomGenerator random) {
    this.loop = loop;
    this.journal = journal;
    this.random = random;
    this.shown = new Shown(loop, journal);
    this.resolutions = new Resolutions(loop, () -> word(random, TOKEN_LENGTH));
    journal.onCommit(entries -> entries.forEach(this::spread));
  }

  /**
   * Takes up every open migration of the journal. Once, before the first command.
   *
   * @throws JournalFault if one of them cannot be read: it would be forgotten otherwise
   */
  public void recover() {
    List<Row> open = readable();
    loop.onLoop(() -> loop.recover(open));
  }

  /**
   * The same once the journal was compared with the agents and is as new as they are, or somebody
   * has accepted what they know.
   *
   * @throws JournalFault if one of them cannot be read now
   */
  public void recover(JournaledRecovery recovery) {
    readable();
    recovery.start(loop::recover);
  }

  private List<Row> readable() {
    List<Row> open = journal.open();
    open.forEach(JournaledMigrations::requireReadable);
    return open;
  }

  private static void requireReadable(Row row) {
    try {
      MigrationJson.migration(row.data());
    } catch (JacksonException e) {
      String what = "the row of migration " + row.id() + " cannot be read";
      throw new JournalFault(JournalFault.Code.DAMAGED, what, e);
    }
  }

  @Override
  public CompletableFuture<Result> submit(Submission submission) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    loop.onLoop(() -> create(submission, result));
    return result;
  }

  private void create(Submission submission, CompletableFuture<Result> result) {
    if (!loop.clearance().begun()) {
      result.complete(new Result.Unavailable("the journal is being compared with the agents"));
      return;
    }
    if (!loop.tenure().holds(loop.moment().monotonicNanos())) {
      result.complete(new Result.Unavailable("this replica has no lease of the journal now"));
      return;
    }
    long now = loop.moment().epochMillis();
    int room = loop.doorkeeper().limits().value().queued();
    if (loop.queued() + beingBorn >= room) {
      result.complete(new Result.QueueFull(room));
      return;
    }
    beingBorn++;
    Migration m = newborn(submission, now);
    Key key = submission.key();
    Idempotency taken =
        key == null ? null : new Idempotency(key.key(), key.requestHash(), m.id().value(), now);
    var _ =
        journal
            .append(Writer.birth(m, taken))
            .whenComplete((done, fault) ->
                loop.onLoop(() -> {
                  beingBorn--;
                  if (fault == null) {
                    loop.adopt(m);
                    result.complete(new Result.Taken(m, false));
                  } else {
                    unborn(m, key, fault, result);
                  }
                }));
  }

  /** A first write that failed may be on disk: a migration that is there lives. */
  private void unborn(
      Migration m, @Nullable Key key, Throwable fault, CompletableFuture<Result> result) {
    Throwable inner = fault.getCause();
    Throwable cause = fault instanceof CompletionException && inner != null ? inner : fault;
    if (cause instanceof JournalFault f && f.code() == JournalFault.Code.WRITE_FAILED) {
      long now = loop.moment().epochMillis();
      loop.doubts()
          .settle(
              m,
              now,
              birth -> {
                boolean born = birth == Doubts.Birth.BORN;
                result.complete(born ? new Result.Taken(m, false) : unavailable(cause));
              });
    } else if (cause instanceof KeyTaken taken && key != null) {
      answer(result, () -> repeated(key, taken.stored()));
    } else {
      result.complete(unavailable(cause));
    }
  }

  private static Result unavailable(Throwable cause) {
    return new Result.Unavailable(String.valueOf(cause.getMessage()));
  }

  /** What only the journal can answer is asked beside the loop. */
  private void answer(CompletableFuture<Result> result, Supplier<Result> query) {
    loop.reading()
        .read(
            query,
            (found, down) ->
                result.complete(
                    found == null || down != null
                        ? unavailable(down == null ? new IllegalStateException("no answer") : down)
                        : found));
  }

  private Result repeated(Key key, Idempotency stored) {
    if (!stored.requestHash().equals(key.requestHash())) {
      return new Result.KeyReused(key.key());
    }
    return stored(new MigrationId(stored.answer()))
        .<Result>map(earlier -> new Result.Taken(earlier, true))
        .orElseGet(() -> new Result.KeyReused(key.key()));
  }

  /** From the journal alone: on the loop's own thread {@link #find} would wait for itself. */
  private Optional<Migration> stored(MigrationId id) {
    return journal.row(id.value()).map(row -> MigrationJson.migration(row.data()));
  }

  @Override
  public Optional<Result> answered(Key key) {
    return read(() -> journal.idempotency(key.key()))
        .map(stored -> {
          try {
            return repeated(key, stored);
          } catch (JournalFault down) {
            return unavailable(down);
          }
        });
  }

  @Override
  public Optional<Earlier> earlier(Key key) {
    return read(() -> journal.idempotency(key.key()))
        .map(kept -> new Earlier(kept.answer(), kept.requestHash().equals(key.requestHash())));
  }

  @Override
  public CompletableFuture<Boolean> keep(Key key, String answer) {
    long now = loop.moment().epochMillis();
    var kept = new Idempotency(key.key(), key.requestHash(), answer, now);
    return journal.append(new Change(List.of(), null, kept)).handle((done, fault) -> fault == null);
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (JournalFault down) {
      throw new Unreadable(String.valueOf(down.getMessage()), down);
    }
  }

  private Migration newborn(Submission s, long now) {
    Epoch epoch = loop.firstEpoch();
    return new Migration(
        new MigrationId(word(random, ID_LENGTH)),
        s.order(),
        word(random, TOKEN_LENGTH),
        s.attempt(),
        s.retryOf(),
        s.trigger(),
        s.actor(),
        Phase.QUEUED,
        null,
        null,
        epoch,
        1,
        now,
        now,
        null,
        false,
        null,
        Evidence.NONE,
        List.of(),
        0,
        null,
        null);
  }

  static String word(RandomGenerator random, int length) {
    StringBuilder word = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      word.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return word.toString();
  }

  @Override
  public CompletableFuture<Result> abort(MigrationId id, String actor, String reason) {
    return command(
        id,
        run -> {
          Migration m = run.migration();
          return switch (m.phase()) {
            case RESUMING, CLEANING -> new Result.Conflict(m, Reason.PAST_COMMIT);
            case NEEDS_OPERATOR -> new Result.Conflict(m, Reason.USE_RESOLVE);
            case DONE -> new Result.Conflict(m, Reason.ENDED);
            case ROLLING_BACK -> new Result.Taken(m, m.abort() != null);
            default -> abortNow(run, actor, reason);
          };
        });
  }

  private Result abortNow(Run run, String actor, String reason) {
    if (run.migration().abort() != null) {
      return new Result.Taken(run.migration(), true);
    }
    var wish = new Migration.Wish(actor, reason, loop.moment().epochMillis());
    loop.wish(run, new Note.AbortWished(wish), actor);
    return new Result.Taken(run.migration(), false);
  }

  @Override
  public CompletableFuture<Result> switchover(MigrationId id, String actor) {
    return command(
        id,
        run -> {
          if (run.migration().phase() != Phase.PRECOPYING) {
            return new Result.Conflict(run.migration(), Reason.NOT_NOW);
          }
          loop.wish(run, new Note.SwitchoverWished(actor), actor);
          return new Result.Taken(run.migration(), false);
        });
  }

  @Override
  public CompletableFuture<Result> budget(MigrationId id, String actor, long millis) {
    return command(
        id,
        run -> {
          Phase phase = run.migration().phase();
          if (phase.compareTo(Phase.SEALING) >= 0) {
            return new Result.Conflict(run.migration(), Reason.PAST_COMMIT);
          }
          loop.wish(run, new Note.BudgetSet(actor, millis), actor);
          return new Result.Taken(run.migration(), false);
        });
  }

  @Override
  public CompletableFuture<Result> priority(MigrationId id, String actor, Priority priority) {
    return command(
        id,
        run -> {
          if (run.migration().phase() != Phase.QUEUED) {
            return new Result.Conflict(run.migration(), Reason.NOT_NOW);
          }
          loop.wish(run, new Note.PrioritySet(actor, priority), actor);
          return new Result.Taken(run.migration(), false);
        });
  }

  @Override
  public CompletableFuture<Result> bandwidth(MigrationId id, String actor, long bytesPerSecond) {
    return command(
        id,
        run -> {
          if (run.migration().phase().compareTo(Phase.SEALING) >= 0) {
            return new Result.Conflict(run.migration(), Reason.PAST_COMMIT);
          }
          run.bandwidth(bytesPerSecond);
          loop.wish(run, new Note.BandwidthSet(actor, bytesPerSecond), actor);
          return new Result.Taken(run.migration(), false);
        });
  }

  @Override
  public CompletableFuture<Rehearsal> rehearse(MigrationId id, Resolution resolution) {
    CompletableFuture<Rehearsal> result = new CompletableFuture<>();
    loop.onLoop(() ->
        loop.run(id)
            .ifPresentOrElse(
                run -> result.complete(resolutions.rehearse(run, resolution)),
                () -> ended(id).thenAccept(no -> result.complete(new Rehearsal.Impossible(no)))));
    return result;
  }

  @Override
  public CompletableFuture<Result> resolve(
      MigrationId id, Resolution resolution, long version, String confirm) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    loop.onLoop(() ->
        loop.run(id)
            .ifPresentOrElse(
                run -> resolutions.resolve(run, resolution, version, confirm, result),
                () -> ended(id).thenAccept(result::complete)));
    return result;
  }

  /**
   * Runs a command on the loop; answered once what it decided is on disk, or at once where nothing
   * was decided.
   */
  private CompletableFuture<Result> command(MigrationId id, Function<Run, Result> command) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    loop.onLoop(() -> {
      Optional<Run> run = loop.run(id);
      if (run.isPresent()) {
        result.complete(command.apply(run.get()));
      } else {
        ended(id).thenAccept(result::complete);
      }
    });
    return result;
  }

  private CompletableFuture<Result> ended(MigrationId id) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    answer(
        result,
        () ->
            stored(id)
                .<Result>map(
                    m -> m.ended() ? new Result.Conflict(m, Reason.ENDED) : new Result.Elsewhere(m))
                .orElseGet(() -> new Result.Unavailable("no migration " + id)));
    return result;
  }

  @Override
  public Optional<Live> find(MigrationId id) {
    return read(() -> shown.one(id));
  }

  @Override
  public List<MigrationId> idsStartingWith(String prefix, int limit) {
    return read(() -> journal.rowsByPrefix(prefix, limit)).stream()
        .map(row -> new MigrationId(row.id()))
        .toList();
  }

  @Override
  public Page list(Filter filter, @Nullable String cursor, int limit) {
    var wanted =
        new RowFilter(
            filter.vm(),
            filter.host(),
            filter.phase(),
            filter.outcome(),
            filter.since(),
            filter.until());
    List<Row> rows = read(() -> journal.list(wanted, cursor, limit + 1));
    List<Row> page = rows.subList(0, Math.min(limit, rows.size()));
    String next = rows.size() > limit ? Cursor.after(page.getLast()).text() : null;
    return new Page(read(() -> shown.page(page)), next);
  }

  @Override
  public List<Happening> history(@Nullable MigrationId id, long afterSeq, int limit) {
    List<Entry> entries =
        read(() ->
            id == null
                ? journal.entriesAfter(afterSeq, limit)
                : journal.entriesOf(id.value(), afterSeq, limit));
    return entries.stream().map(JournaledMigrations::happening).toList();
  }

  @Override
  public AutoCloseable follow(Consumer<Happening> follower) {
    followers.add(follower);
    return () -> followers.remove(follower);
  }

  private void spread(Entry entry) {
    Happening happening = happening(entry);
    followers.forEach(f -> f.accept(happening));
  }

  private static Happening happening(Entry e) {
    return new Happening(e.seq(), e.timeMillis(), e.type(), e.subject(), e.actor(), e.data());
  }

  @Override
  public CompletableFuture<Void> changed(MigrationId id, long version, long millis) {
    CompletableFuture<Void> changed = new CompletableFuture<>();
    loop.onLoop(() -> {
      long until = loop.moment().epochMillis() + millis;
      loop.watch(id, version, until, () -> changed.complete(null));
    });
    return changed;
  }
}
