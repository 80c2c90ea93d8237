package io.fermata.migration;

import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Replicas;
import io.fermata.journal.Replicas.Held;
import io.fermata.journal.Replicas.Replica;
import io.fermata.journal.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Keeps this replica's lease and takes over what nobody living owns. One {@link #turn} asks the
 * database and hands the loop what it says; whoever owns the thread and the time calls it again
 * after each heartbeat.
 *
 * <p>The rule it must never break: the loop is told of a lease no longer than the database's. So
 * its end is counted from before the question was asked.
 */
public final class Keeper {
  private static final System.Logger LOG = System.getLogger(Keeper.class.getName());
  private static final int ORPHANS_AT_ONCE = 500;
  private static final int TURNS_PER_CENSUS = 10;

  private final Replicas replicas;
  private final Journal journal;
  private final MigrationLoop loop;
  private final Replica self;
  private final LeaseTerms terms;
  private final Set<String> unreadable = new TreeSet<>();
  private volatile Set<String> strays = Set.of();
  private long turns;
  private volatile @Nullable JournalFault trouble;
  private volatile Seen seen = new Seen(0, 0);

  /**
   * What the last turn saw.
   *
   * @param living replicas
   * @param orphans migrations whose owner was dead, taken over or not
   */
  public record Seen(int living, int orphans) {}

  public Keeper(
      Replicas replicas, Journal journal, MigrationLoop loop, Replica self, LeaseTerms terms) {
    this.replicas = replicas;
    this.journal = journal;
    this.loop = loop;
    this.self = self;
    this.terms = terms;
  }

  /** Renews, looks around, and returns. Never throws a {@link JournalFault}. */
  public synchronized void turn() {
    if (!loop.clearance().begun()) {
      return; // whoever has a lease drives
    }
    long asked = loop.moment().monotonicNanos();
    boolean unbroken;
    try {
      unbroken = replicas.renew(self, terms.lease().toMillis());
    } catch (JournalFault down) {
      trouble = down;
      loop.onLoop(() -> loop.tenure().silent());
      return;
    }
    trouble = null;
    long until = asked + terms.lease().toNanos();
    loop.onLoop(() -> loop.tenure().renewed(until));
    try {
      look(unbroken);
    } catch (JournalFault gone) {
      trouble = gone;
    }
  }

  private void look(boolean unbroken) {
    if (!unbroken || turns++ % TURNS_PER_CENSUS == 0) {
      census(replicas.held());
    }
    List<Row> orphans = replicas.orphans(ORPHANS_AT_ONCE);
    seen = new Seen((int) replicas.all().stream().filter(Replica::lives).count(), orphans.size());
    takeOver(orphans);
  }

  /**
   * What is ours in the journal and driven by nobody is taken up like an orphan: a write may reach
   * the disk after its writer gave it up. Seen twice, since a birth is on disk before the loop
   * hears of it.
   */
  private void census(List<Held> held) {
    Set<String> mine = new TreeSet<>();
    for (Held each : held) {
      if (each.term().owner().equals(self.id())) {
        mine.add(each.id());
      }
    }
    Set<String> before = strays;
    loop.onLoop(() -> {
      loop.letGo(held);
      loop.open().forEach(run -> mine.remove(run.migration().id().value()));
      strays(mine, before);
    });
  }

  private void strays(Set<String> mine, Set<String> before) {
    strays = mine;
    for (String id : mine) {
      if (before.contains(id)) {
        loop.reading()
            .read(
                () -> journal.row(id).filter(row -> row.owner().equals(self.id())),
                (row, down) -> {
                  if (down != null) {
                    trouble = down;
                  } else if (row != null) {
                    row.ifPresent(this::takeOver);
                  }
                });
      }
    }
  }

  private void takeOver(Row row) {
    takeOver(List.of(row));
  }

  private void takeOver(List<Row> orphans) {
    List<Row> readable = new ArrayList<>();
    for (Row row : orphans) {
      try {
        MigrationJson.migration(row.data());
        readable.add(row);
        unreadable.remove(row.id());
      } catch (JacksonException e) {
        tellOnce(row.id(), e);
      }
    }
    if (!readable.isEmpty()) {
      loop.onLoop(() -> loop.recover(readable));
    }
  }

  /** Every turn finds it again. */
  private void tellOnce(String id, JacksonException why) {
    if (unreadable.add(id)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the row of migration " + id + " cannot be read, and nobody drives it",
          why);
    }
  }

  /** What the database did not do in the last turn, or null. */
  @Nullable JournalFault trouble() {
    return trouble;
  }

  /** What the last turn saw. */
  public Seen seen() {
    return seen;
  }

  /** This replica. */
  public Replica self() {
    return self;
  }

  /** Every replica, as the database has them now. */
  public List<Replica> all() {
    return replicas.all();
  }

  /** Who owns what, as the database has it now. */
  public List<Held> held() {
    return replicas.held();
  }

  /** Whose lease that is, if the database still knows him. */
  public Optional<Replica> replica(String id) {
    return replicas.all().stream().filter(each -> each.id().equals(id)).findFirst();
  }

  /** Lets others take over at once. */
  public synchronized void leave() {
    try {
      replicas.leave(self.id());
    } catch (JournalFault gone) {
      trouble = gone; // then it ends by itself
    }
  }

  LeaseTerms terms() {
    return terms;
  }
}
