package io.fermata.migration;

import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import java.util.Map;

/**
 * Everything that a decision may rest on, at one moment.
 *
 * @param entered when each phase began, monotonic nanoseconds; empty for phases before a restart
 * @param peers addresses of both agents, as the other one sees them
 * @param journal whether what was decided so far could be written
 * @param darkening whether one of the blackouts is given to it
 */
public record Known(
    Migration migration,
    Sighting source,
    Sighting destination,
    Terms terms,
    long nowMillis,
    long nowNanos,
    Map<Phase, Long> entered,
    Peers peers,
    JournalState journal,
    Darkening darkening) {

  /** What is known of a migration that may go dark as soon as it is ready. */
  public Known(
      Migration migration,
      Sighting source,
      Sighting destination,
      Terms terms,
      long nowMillis,
      long nowNanos,
      Map<Phase, Long> entered,
      Peers peers,
      JournalState journal) {
    this(
        migration,
        source,
        destination,
        terms,
        nowMillis,
        nowNanos,
        entered,
        peers,
        journal,
        Darkening.GRANTED);
  }

  /** Whether it may enter the barrier when it is ready. */
  public enum Darkening {
    GRANTED,
    NOT_YET
  }

  /** How the journal took what was written last. */
  public enum JournalState {
    WRITES,
    FAILS
  }

  /** Where the two agents reach each other. */
  public record Peers(String sourceUrl, String destinationUrl, String destinationData) {}

  /** One request to one side. */
  public record Ask(Side side, Request request) {}

  Sighting on(Side side) {
    return side == Side.SOURCE ? source : destination;
  }

  HostName host(Side side) {
    return side == Side.SOURCE ? migration.order().source() : migration.order().destination();
  }

  long deadlineMillis() {
    return migration.phaseSince() + terms.deadlineMillis(migration.phase());
  }

  boolean overdue() {
    return nowMillis >= deadlineMillis();
  }

  /**
   * A header whose answer may wait until the phase's deadline, but for half a lease at most: then
   * it is asked again before the claim counts as left alone.
   */
  Header waiting(Side side) {
    long left = Math.max(0, deadlineMillis() - nowMillis);
    return header(side, Math.min(left, terms.leaseMillis() / 2));
  }

  Header header(Side side, long awaitMillis) {
    int seen = on(side).hops().size();
    return new Header(migration.id(), migration.epoch(), awaitMillis, seen);
  }

  ClaimSpec spec(Side side) {
    Order order = migration.order();
    boolean source = side == Side.SOURCE;
    return new ClaimSpec(
        order.vm(),
        order.devices().stream()
            .map(p -> new ClaimSpec.DevicePair(p.source(), p.destination()))
            .toList(),
        source ? order.source() : order.destination(),
        source ? order.destination() : order.source(),
        source ? peers.destinationUrl() : peers.sourceUrl(),
        peers.destinationData(),
        migration.token(),
        terms.leaseMillis());
  }
}
