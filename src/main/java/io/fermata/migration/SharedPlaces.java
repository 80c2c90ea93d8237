package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.Row;
import io.fermata.migration.Places.Seat;
import io.fermata.migration.Places.Stage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What other replicas' migrations hold and wait for, so that limits hold for all together. On the
 * loop's thread, but for {@link #read}.
 *
 * <p>A migration that has left the queue holds its places by its row. Between the decision and the
 * row there is one document, the <em>grants</em>: whoever gives a place or a blackout writes it
 * there first, over the version that he decided on, and acts when that is durable. Two that decide
 * at once decide on the same version, and one of them is refused and decides anew.
 *
 * <p>The rule it must never break: the document is read before the rows. A grant goes from it only
 * once its row shows what was granted; read the other way round it would be seen in neither.
 */
final class SharedPlaces {
  static final String KIND = "places";
  private static final String ID = "grants";

  private final Journal journal;
  private SortedMap<MigrationId, Migration> open = new TreeMap<>();
  private @Nullable Document document;
  private boolean writing;

  /** What was decided and may not stand in the rows yet, by migration. */
  private record Grants(SortedMap<String, Slot> slots) {}

  /** One grant. */
  private record Slot(boolean dark) {}

  /** What the journal had at one moment. */
  record Read(Optional<Document> grants, SortedMap<MigrationId, Migration> open) {}

  SharedPlaces(Journal journal) {
    this.journal = journal;
  }

  /**
   * Reads it anew, on any thread.
   *
   * @throws io.fermata.journal.JournalFault if the journal cannot be read
   */
  Read read() {
    Optional<Document> grants =
        journal.documents(KIND).stream().filter(d -> d.id().equals(ID)).findFirst();
    SortedMap<MigrationId, Migration> open = new TreeMap<>();
    for (Row row : journal.open()) {
      try {
        open.put(new MigrationId(row.id()), MigrationJson.migration(row.data()));
      } catch (JacksonException unreadable) {
        // nobody drives it, and whoever found it has said so
      }
    }
    return new Read(grants, open);
  }

  /** From now on that is known; not what was read before a write of our own. */
  void know(Read read) {
    long version = read.grants().map(Document::version).orElse(0L);
    if (!writing && version >= version()) {
      read.grants().ifPresent(found -> document = found);
      open = read.open();
    }
  }

  private long version() {
    Document known = document;
    return known == null ? 0 : known.version();
  }

  private SortedMap<String, Slot> slots() {
    Document known = document;
    return known == null
        ? new TreeMap<>()
        : new TreeMap<>(MigrationJson.read(known.data(), Grants.class).slots());
  }

  /** Those of other replicas, by what their rows and the grants say. */
  List<Seat> seats(Set<MigrationId> own) {
    SortedMap<String, Slot> granted = slots();
    List<Seat> seats = new ArrayList<>();
    open.forEach((id, m) -> {
      if (!own.contains(id)) {
        seats.add(Doorkeeper.seat(m, stage(m, granted.get(id.value())), m.phaseSince()));
      }
    });
    return seats;
  }

  private static Stage stage(Migration m, @Nullable Slot granted) {
    if (m.phase() == Phase.NEEDS_OPERATOR) {
      return Stage.PARKED;
    }
    if (m.darkSince() > 0) {
      return m.blackout() == null ? Stage.DARK : Stage.STARTED;
    }
    if (granted != null) {
      return granted.dark() ? Stage.DARK : Stage.STARTED;
    }
    return m.phase() == Phase.QUEUED ? Stage.WAITS_TO_START : Stage.STARTED;
  }

  /** Another replica's migration. */
  Optional<Migration> other(MigrationId id) {
    return Optional.ofNullable(open.get(id));
  }

  /** How many of the others wait for their start. */
  long queued(Set<MigrationId> own) {
    return open.values().stream()
        .filter(m -> m.phase() == Phase.QUEUED && !own.contains(m.id()))
        .count();
  }

  /** Whether a write is out: until it is back nothing else is decided. */
  boolean isWriting() {
    return writing;
  }

  /** Whether a right to go dark was given back that the others still count. */
  boolean isToTidy(Collection<Run> runs) {
    SortedMap<String, Slot> slots = slots();
    return runs.stream()
        .anyMatch(run -> {
          Slot slot = slots.get(run.migration().id().value());
          return slot != null
              && slot.dark()
              && !run.mayDarken()
              && run.migration().darkSince() == 0;
        });
  }

  /**
   * Writes what is granted now over the version that it was decided on.
   *
   * @param runs own ones, whose rows may not yet show what was granted before
   * @param granted those that are given something now
   * @return completes once it is durable, on whatever thread; then {@link #written} has to be told
   */
  CompletableFuture<Document> grant(Collection<Run> runs, Places.Decided granted) {
    SortedMap<String, Slot> slots = slots();
    runs.forEach(run -> slots.remove(run.migration().id().value())); // ours are put in anew
    slots.entrySet().removeIf(each -> isStale(new MigrationId(each.getKey()), each.getValue()));
    for (Run run : runs) {
      MigrationId id = run.migration().id();
      boolean darkens = run.mayDarken() || granted.darkenings().contains(id);
      boolean starts = granted.starts().contains(id) || (run.mayStart() && !isShown(run));
      if (darkens || starts) {
        slots.put(id.value(), new Slot(darkens));
      }
    }
    long before = version();
    var next = new Document(KIND, ID, before + 1, MigrationJson.write(new Grants(slots)));
    writing = true;
    return journal.append(Change.extra(new Extra.Put(next, before))).thenApply(done -> next);
  }

  private static boolean isShown(Run run) {
    return run.migration().phase() != Phase.QUEUED
        && run.durableVersion() == run.migration().version();
  }

  /** Its row shows what was granted, or is over: the rows were read after the document. */
  private boolean isStale(MigrationId id, Slot slot) {
    Migration other = open.get(id);
    return other == null || (slot.dark() ? other.darkSince() > 0 : other.phase() != Phase.QUEUED);
  }

  /** What came of it: the document, or null if it was refused. */
  void written(@Nullable Document done) {
    writing = false;
    document = done == null ? document : done;
  }
}
