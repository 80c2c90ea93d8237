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
 * @param extras documents put or deleted, audit records appended
 */
public record Change(
    List<NewEntry> entries,
    @Nullable RowWrite row,
    @Nullable Idempotency idempotency,
    List<HostWrite> hosts,
    List<Extra> extras) {
  public Change {
    entries = List.copyOf(entries);
    hosts = List.copyOf(hosts);
    extras = List.copyOf(extras);
  }

  /** A change without extras. */
  public Change(
      List<NewEntry> entries,
      @Nullable RowWrite row,
      @Nullable Idempotency idempotency,
      List<HostWrite> hosts) {
    this(entries, row, idempotency, hosts, List.of());
  }

  /** A change that leaves the inventory alone. */
  public Change(List<NewEntry> entries, @Nullable RowWrite row, @Nullable Idempotency idempotency) {
    this(entries, row, idempotency, List.of());
  }

  /** Entries and nothing else. */
  public static Change of(NewEntry... entries) {
    return new Change(List.of(entries), null, null);
  }

  /** Extras and nothing else. */
  public static Change extra(Extra... extras) {
    return new Change(List.of(), null, null, List.of(), List.of(extras));
  }
}
