package io.fermata.webhook;

import org.jspecify.annotations.Nullable;

/**
 * How far a subscription is.
 *
 * @param cursor seq of the last entry that needs no more delivery
 * @param failures how often the next one failed
 * @param failingSince since when, epoch milliseconds, or null
 * @param error why it failed last, or null
 * @param delivered how many were delivered
 * @param dead how many were given up
 */
public record Standing(
    long cursor,
    int failures,
    @Nullable Long failingSince,
    @Nullable String error,
    long delivered,
    long dead) {

  Standing passed(long seq) {
    return new Standing(seq, 0, null, null, delivered, dead);
  }

  Standing delivered(long seq) {
    return new Standing(seq, 0, null, null, delivered + 1, dead);
  }

  Standing failed(String why, long now) {
    Long since = failingSince == null ? (Long) now : failingSince;
    return new Standing(cursor, failures + 1, since, why, delivered, dead);
  }

  Standing givenUp(long seq) {
    return new Standing(seq, 0, null, error, delivered, dead + 1);
  }

  Standing from(long seq) {
    return new Standing(seq, 0, null, null, delivered, dead);
  }
}
