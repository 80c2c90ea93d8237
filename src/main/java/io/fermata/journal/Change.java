package io.fermata.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: all of it becomes durable, or nothing.
 *
 * @param entries appended in this order, with consecutive seqs
 * @param row at most one row inserted or replaced
 * @param idempotency at most one key taken
 * @param hosts hosts put or deleted
 */
public record Change(
    List<NewEntry> entries,
    @Nullable RowWrite row,
    @Nullable Idempotency idempotency,
    List<HostWrite> hosts) {
  public Change {
    entries = List.copyOf(entries);
    hosts = List.copyOf(hosts);
  }

  /** A change that leaves the inventory alone. */
  public Change(List<NewEntry> entries, @Nullable RowWrite row, @Nullable Idempotency idempotency) {
    this(entries, row, idempotency, List.of());
  }

  /** Entries and nothing else. */
  public static Change of(NewEntry... entries) {
    return new Change(List.of(entries), null, null);
  }
}
