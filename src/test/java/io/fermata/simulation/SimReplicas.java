package io.fermata.simulation;

import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.journal.Term;
import java.util.List;
import java.util.function.Supplier;

/** One orchestrator's way to the leases in the journal that all share; its clock counts. */
final class SimReplicas implements Replicas {
  private final Supplier<MemoryJournal> reading;
  private final Supplier<MemoryJournal> writing;
  private final SimClock clock;

  SimReplicas(Supplier<MemoryJournal> reading, Supplier<MemoryJournal> writing, SimClock clock) {
    this.reading = reading;
    this.writing = writing;
    this.clock = clock;
  }

  private long now() {
    return clock.epoch() / World.MILLI;
  }

  @Override
  public boolean renew(Replica self, long leaseMillis) {
    return writing.get().renew(self, now(), leaseMillis);
  }

  @Override
  public List<Row> orphans(int limit) {
    MemoryJournal journal = reading.get();
    return journal.open().stream()
        .filter(row -> !journal.lives(row.owner(), now()))
        .limit(limit)
        .toList();
  }

  @Override
  public List<Held> held() {
    return reading.get().open().stream().map(row -> new Held(row.id(), Term.of(row))).toList();
  }

  @Override
  public List<Replica> all() {
    return reading.get().replicas(now());
  }

  @Override
  public void leave(String id) {
    writing.get().leave(id);
  }

  @Override
  public void close() {
    // nothing is held
  }
}
