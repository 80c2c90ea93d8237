package io.fermata.journal;

import org.jspecify.annotations.Nullable;

/**
 * A migration as lists and restarts need it: a projection of its entries, replaced as a whole.
 *
 * @param id key, printable ASCII, so that prefixes and order mean the same in every database
 * @param outcome null while the migration is open
 * @param owner the replica in charge
 * @param epoch number of the owner's term; a take-over raises it
 * @param version 1 for the inserted row, one more with each replacement
 * @param createdMillis epoch milliseconds; set by the insert, a replacement does not change it
 * @param updatedMillis epoch milliseconds
 * @param data JSON text made by the room that owns the row
 */
public record Row(
    String id,
    String vm,
    String source,
    String destination,
    String phase,
    @Nullable String outcome,
    String owner,
    long epoch,
    long version,
    long createdMillis,
    long updatedMillis,
    String data) {
  public Row {
    if (!id.chars().allMatch(c -> c > ' ' && c < 0x7f) || id.isEmpty()) {
      throw new IllegalArgumentException("a row's id is printable ASCII without blanks: " + id);
    }
  }
}
