package io.fermata.migration;

import java.time.Duration;

/**
 * How replicas watch each other.
 *
 * @param lease how long a replica that says nothing keeps what it owns
 * @param heartbeat how often it renews its lease and looks for what nobody owns
 */
public record LeaseTerms(Duration lease, Duration heartbeat) {
  public LeaseTerms {
    if (heartbeat.toMillis() < 10) {
      throw new IllegalArgumentException(
          "fermata.replica.heartbeat must be at least 10ms, is " + heartbeat);
    }
    if (heartbeat.multipliedBy(3).compareTo(lease) > 0) {
      throw new IllegalArgumentException(
          "fermata.replica.lease must be at least three times fermata.replica.heartbeat, is "
              + lease);
    }
  }

  /** The usual terms: a dead owner's migrations are taken over within 2 s. */
  public static LeaseTerms usual() {
    return new LeaseTerms(Duration.ofMillis(1_500), Duration.ofMillis(500));
  }
}
