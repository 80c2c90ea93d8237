package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.journal.Document;
import io.fermata.journal.JournalFault;
import io.fermata.journal.NewEntry;
import io.fermata.journal.VersionConflict;
import io.fermata.migration.Places.Seat;
import io.fermata.migration.Places.Stage;
import io.fermata.migration.Places.Wait;
import io.fermata.migration.Traffic.Held;
import io.fermata.migration.Traffic.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds the limits and the intake as the journal has them, and asks {@link Places} who may start.
 * On the loop's thread only.
 */
final class Doorkeeper {
  static final String LIMITS = "limits";
  static final String INTAKE = "admission";
  static final String LIMITS_CHANGED = "limits.changed";
  static final String INTAKE_CHANGED = "admission.changed";
  private static final long RELOAD_MILLIS = 1_000;
  private static final int LOADS_OF_AN_IDLE_ONE = 5;

  private final Shelf shelf;
  private final Places.Rules first;
  private final Consumer<Runnable> onLoop;
  private volatile Places.Decided last =
      new Places.Decided(List.of(), List.of(), Map.of(), new Places.Tally());
  private @Nullable Long loadedAt;
  private final AtomicBoolean loading = new AtomicBoolean();
  private final AtomicLong loads = new AtomicLong();
  private Executor reading = Runnable::run;
  private @Nullable SharedPlaces shared;
  private Runnable others = () -> {};

  /**
   * @param first what holds in a journal in which nobody changed it
   */
  Doorkeeper(Shelf shelf, Places.Rules first, Consumer<Runnable> onLoop) {
    this.shelf = shelf;
    this.first = first;
    this.onLoop = onLoop;
  }

  /**
   * From now on the limits hold for all replicas together.
   *
   * @param changed is told when others may have changed something
   */
  void share(SharedPlaces places, Runnable changed) {
    shared = places;
    others = changed;
  }

  /** Another replica's open migration, as it was known last. */
  Optional<Migration> other(MigrationId id) {
    return shared == null ? Optional.empty() : shared.other(id);
  }

  /** How many of other replicas' wait for their start. */
  long queuedElsewhere(Set<MigrationId> own) {
    return shared == null ? 0 : shared.queued(own);
  }

  /** From now on the journal is read there: a guest may be dark, and the loop waits for nobody. */
  void readOn(Executor elsewhere) {
    reading = elsewhere;
  }

  /**
   * Looks at what other orchestrators wrote, now and then; a journal that is down changes nothing.
   */
  void loadDue(long nowMillis) {
    Long before = loadedAt;
    if (before != null && nowMillis >= before && nowMillis - before < RELOAD_MILLIS) {
      return;
    }
    // a journal that hangs is asked once, not once a second
    if (loading.compareAndSet(false, true)) {
      loadedAt = nowMillis;
      reading.execute(this::load);
    }
  }

  private void load() {
    try {
      List<Document> read = shelf.read();
      // both or neither: a grant is looked for in the document first, then in its row
      boolean due = !last.waits().isEmpty() || loads.getAndIncrement() % LOADS_OF_AN_IDLE_ONE == 0;
      SharedPlaces places = due ? shared : null;
      SharedPlaces.Read held = places == null ? null : places.read();
      onLoop.accept(() -> {
        read.forEach(shelf::written);
        if (places != null && held != null) {
          places.know(held);
          others.run();
        }
      });
    } catch (JournalFault down) {
      // what was known stays; whoever writes learns of the fault
    } finally {
      loading.set(false);
    }
  }

  Held<Limits> limits() {
    return shelf
        .find(LIMITS)
        .map(row -> new Held<>(MigrationJson.read(row.data(), Limits.class), row.version()))
        .orElseGet(() -> new Held<>(first.limits(), 0));
  }

  Held<Intake> intake() {
    return shelf
        .find(INTAKE)
        .map(row -> new Held<>(MigrationJson.read(row.data(), Intake.class), row.version()))
        .orElseGet(() -> new Held<>(Intake.OPEN, 0));
  }

  /** Decides anew. */
  Places.Decided decide(Collection<Run> runs, Set<MigrationId> own, long nowMillis) {
    List<Seat> open = new ArrayList<>(runs.size());
    runs.stream().filter(run -> !run.lost()).forEach(run -> open.add(seat(run)));
    if (shared != null) {
      open.addAll(shared.seats(own));
    }
    boolean paused = intake().value().pausedAt(nowMillis);
    last =
        Places.decide(
            new Places.Question(
                open, new Places.Rules(limits().value(), first.agingMillis()), paused, nowMillis));
    return last;
  }

  /**
   * Gives what was decided to those of this replica. Among others it is written down first, over
   * the version that it was decided on; if somebody was quicker, it is decided anew.
   *
   * @param granted acts on what is given
   * @param again decides anew
   */
  void give(
      Collection<Run> runs,
      Places.Decided decided,
      Consumer<Places.Decided> granted,
      Runnable again) {
    SharedPlaces places = shared;
    if (places == null) {
      granted.accept(decided);
      return;
    }
    Places.Decided mine = decided.of(runs.stream().map(run -> run.migration().id()).toList());
    boolean none = mine.starts().isEmpty() && mine.darkenings().isEmpty();
    if (places.isWriting() || (none && !places.isToTidy(runs))) {
      return;
    }
    var _ =
        places
            .grant(runs, mine)
            .whenComplete((done, fault) ->
                onLoop.accept(() -> {
                  places.written(done);
                  if (done != null) {
                    granted.accept(mine);
                    again.run();
                  } else {
                    loadedAt = null; // somebody was quicker, or the journal is down: look again
                    loads.set(0); // at what the others hold too, though nobody here waits
                  }
                }));
  }

  /** Why one waited when it was decided last, or null. */
  @Nullable Wait wait(MigrationId id) {
    return last.waits().get(id);
  }

  Places.Decided last() {
    return last;
  }

  private static Seat seat(Run run) {
    return seat(run.migration(), stage(run), run.readySince());
  }

  static Seat seat(Migration m, Stage stage, long since) {
    return new Seat(
        m.id(),
        m.order().source().value(),
        m.order().destination().value(),
        Priority.of(m.order()),
        m.actor(),
        m.created(),
        stage,
        since);
  }

  /** The dark that is over gives its blackout back; a place is held until the run is forgotten. */
  private static Stage stage(Run run) {
    Migration m = run.migration();
    if (m.phase() == Phase.QUEUED) {
      return run.mayStart() ? Stage.STARTED : Stage.WAITS_TO_START;
    }
    if (m.phase() == Phase.NEEDS_OPERATOR) {
      return Stage.PARKED;
    }
    if (m.darkSince() > 0) {
      return m.blackout() == null ? Stage.DARK : Stage.STARTED;
    }
    if (run.mayDarken()) {
      return Stage.DARK;
    }
    return run.waitsToDarken() ? Stage.WAITS_TO_DARKEN : Stage.STARTED;
  }

  /**
   * Changes the limits.
   *
   * @param version the one that the caller decided on
   */
  void limits(Limits to, long version, String actor, CompletableFuture<Written<Limits>> result) {
    var entry = new NewEntry(LIMITS_CHANGED, "limits", actor, MigrationJson.write(to));
    put(LIMITS, version, to, entry, result);
  }

  /** Pauses or opens the intake, whatever it was. */
  void intake(Intake to, String actor, CompletableFuture<Written<Intake>> result) {
    var entry = new NewEntry(INTAKE_CHANGED, "admission", actor, MigrationJson.write(to));
    put(INTAKE, shelf.version(INTAKE), to, entry, result);
  }

  private <T> void put(
      String name, long version, T value, NewEntry entry, CompletableFuture<Written<T>> result) {
    var _ =
        shelf
            .put(name, version, value, entry)
            .whenComplete(
                (row, fault) -> onLoop.accept(() -> result.complete(written(value, row, fault))));
  }

  private <T> Written<T> written(T value, @Nullable Document row, @Nullable Throwable fault) {
    if (fault == null && row != null) {
      shelf.written(row);
      return new Written.Done<>(new Held<>(value, row.version()));
    }
    Throwable cause =
        fault instanceof CompletionException e && e.getCause() != null ? e.getCause() : fault;
    if (cause instanceof VersionConflict conflict) {
      loadedAt = null;
      return new Written.Outdated<>(conflict.found());
    }
    return new Written.Unavailable<>(String.valueOf(cause == null ? null : cause.getMessage()));
  }

  /** Where one stands that waits, or null if it does not. */
  LiveView.@Nullable Standing standing(Run run, Clearance clearance, long nowMillis) {
    Optional<String> kept = run.waitsToStart() ? clearance.keepsBack(run) : Optional.empty();
    if (kept.isPresent()) {
      return new LiveView.Standing(1 + last.waits().size(), kept.get());
    }
    Wait wait = wait(run.migration().id());
    return wait == null ? null : new LiveView.Standing(wait.position(), words(wait, nowMillis));
  }

  /** What stands in the way of one that waits, in words; empty where nothing does. */
  Optional<String> words(MigrationId id, long nowMillis) {
    return Optional.ofNullable(wait(id)).map(wait -> words(wait, nowMillis));
  }

  private String words(Wait wait, long nowMillis) {
    if (wait.scope() == null) {
      Intake intake = intake().value();
      String until =
          intake.expiresMillis() == null
              ? ""
              : ", ends by itself in " + (intake.expiresMillis() - nowMillis) / 1000 + " s";
      return "admission: " + intake.actor() + " paused it: " + intake.reason() + until;
    }
    return words(wait, wait.scope());
  }

  private static String words(Wait wait, Limits.Scope scope) {
    String what =
        switch (scope) {
          case CLUSTER -> "a place in the cluster";
          case SOURCE -> "a place for migrations from " + wait.where();
          case DESTINATION -> "a place for migrations to " + wait.where();
          case PAIR -> "a place for migrations " + wait.where();
          case BLACKOUT -> "a blackout of another guest to end";
          case QUEUE -> "a place in the queue";
        };
    List<String> ids = wait.holders().stream().map(MigrationId::value).toList();
    int more = wait.inUse() - ids.size();
    String holders =
        ids.isEmpty()
            ? ""
            : ", held by " + String.join(", ", ids) + (more > 0 ? " and " + more + " more" : "");
    return what + ": " + wait.inUse() + " of " + wait.limit() + " taken" + holders;
  }
}
