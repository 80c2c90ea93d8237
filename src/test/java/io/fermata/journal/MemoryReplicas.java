package io.fermata.journal;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One orchestrator's way to the leases in the {@link MemoryJournal} that all share. Whoever gives
 * the journal may throw instead: then the database does not answer.
 */
public class MemoryReplicas implements Replicas {
  private final Supplier<MemoryJournal> reading;
  private final Supplier<MemoryJournal> writing;
  private final LongSupplier millis;

  /**
   * @param millis the clock that counts, read once the journal was given
   */
  public MemoryReplicas(
      Supplier<MemoryJournal> reading, Supplier<MemoryJournal> writing, LongSupplier millis) {
    this.reading = reading;
    this.writing = writing;
    this.millis = millis;
  }

  @Override
  public boolean renew(Replica self, long leaseMillis) {
    return writing.get().renew(self, millis.getAsLong(), leaseMillis);
  }

  @Override
  public List<Row> orphans(int limit) {
    MemoryJournal journal = reading.get();
    return journal.open().stream()
        .filter(row -> !journal.lives(row.owner(), millis.getAsLong()))
        .limit(limit)
        .toList();
  }

  @Override
  public List<Held> held() {
    return reading.get().open().stream().map(row -> new Held(row.id(), Term.of(row))).toList();
  }

  @Override
  public List<Replica> all() {
    return reading.get().replicas(millis.getAsLong());
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
