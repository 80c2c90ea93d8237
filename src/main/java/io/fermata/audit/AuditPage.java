package io.fermata.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of records, newest first.
 *
 * @param cursor where the next page begins, or null on the last one
 */
public record AuditPage(List<Item> items, @Nullable String cursor) {
  /**
   * One record.
   *
   * @param chain which chain
   * @param number place in the chain, from 1
   * @param hash SHA-256 of the record and of the hash before it
   */
  public record Item(String chain, long number, Deed deed, String hash) {}

  /** What to list; null means any. Times are epoch milliseconds. */
  public record Wish(
      @Nullable String actor,
      @Nullable String action,
      @Nullable String subject,
      Deed.@Nullable Decision decision,
      @Nullable Long since,
      @Nullable Long until) {}
}
