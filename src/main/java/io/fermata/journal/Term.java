package io.fermata.journal;

/**
 * Whose row it is.
 *
 * @param owner the replica in charge
 * @param epoch number of its term
 */
public record Term(String owner, long epoch) {
  /** The term in which a row was written. */
  public static Term of(Row row) {
    return new Term(row.owner(), row.epoch());
  }
}
