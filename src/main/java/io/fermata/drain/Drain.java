package io.fermata.drain;

import io.fermata.handover.HostName;
import io.fermata.migration.Order;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The evacuation of a host, as the journal has it.
 *
 * @param reason why, in the caller's words, or null
 * @param created epoch milliseconds
 * @param phaseSince epoch milliseconds
 * @param version 1 for the new one, one more with each change
 * @param percent of the machines that have left; it never goes down
 * @param moves by machine
 * @param blockers what stands in the way of all of them
 * @param cancel who called it off, or null
 */
public record Drain(
    DrainId id,
    HostName host,
    DrainTerms terms,
    Phase phase,
    String actor,
    @Nullable String reason,
    long created,
    long phaseSince,
    long version,
    int percent,
    SortedMap<String, Move> moves,
    List<Blocker> blockers,
    @Nullable Cancel cancel) {
  private static final int ALL = 100;

  public Drain {
    moves = Collections.unmodifiableSortedMap(new TreeMap<>(moves));
    blockers = List.copyOf(blockers);
  }

  /**
   * How far it is.
   *
   * <pre>
   *   DRAINING <-> PAUSED
   *   DRAINING -> DRAINED
   *   DRAINING, PAUSED -> CANCELLING -> CANCELLED
   * </pre>
   */
  public enum Phase {
    /** Machines are moved as slots and destinations allow. */
    DRAINING,
    /** What is under way goes on; nothing else starts. */
    PAUSED,
    /** It is called off, and what was begun is being settled. */
    CANCELLING,
    /** The agent showed that nothing but what was excluded is left. */
    DRAINED,
    CANCELLED;

    /** Whether it is over. */
    public boolean ended() {
      return this == DRAINED || this == CANCELLED;
    }
  }

  /**
   * A wish to call it off.
   *
   * @param children whether its migrations are aborted too
   */
  public record Cancel(String actor, @Nullable String reason, boolean children) {}

  /** What its migration of that machine is asked for with. */
  Order order(String vm, HostName destination, List<Order.Pair> pairs) {
    return new Order(
        vm,
        host,
        destination,
        pairs,
        terms.preCopy(),
        terms.blackoutBudgetMillis(),
        terms.onBudgetExceeded(),
        cordonReason(),
        terms.priority().word());
  }

  /** Why the host takes no new machines while this drain is open. */
  String cordonReason() {
    return "drain " + id + (reason == null ? "" : ": " + reason);
  }

  /** Whether somebody else's cordon is this drain's. */
  boolean cordonedFor(String cordonReason) {
    String own = "drain " + id;
    return cordonReason.equals(own) || cordonReason.startsWith(own + ":");
  }

  /** How many machines are in that state. */
  public int count(Move.State state) {
    return (int) moves.values().stream().filter(move -> move.state() == state).count();
  }

  /** Everything that stands in the way, of the host first. */
  public List<Blocker> everyBlocker() {
    List<Blocker> all = new ArrayList<>(blockers);
    moves.values().stream().map(Move::blocker).filter(Objects::nonNull).forEach(all::add);
    return all;
  }

  Drain with(SortedMap<String, Move> now, List<Blocker> inTheWay) {
    long away = now.values().stream().filter(Move::away).count();
    int share = now.isEmpty() ? 0 : (int) (away * ALL / now.size());
    return new Drain(
        id,
        host,
        terms,
        phase,
        actor,
        reason,
        created,
        phaseSince,
        version,
        Math.max(percent, share),
        now,
        inTheWay,
        cancel);
  }

  Drain in(Phase next, @Nullable Cancel wish, long now) {
    return new Drain(
        id,
        host,
        terms,
        next,
        actor,
        reason,
        created,
        now,
        version,
        next == Phase.DRAINED ? ALL : percent,
        moves,
        next.ended() ? List.of() : blockers,
        wish);
  }

  /** With another number of slots. */
  Drain atOnce(int slots) {
    var others =
        new DrainTerms(
            terms.destinations(),
            terms.exclude(),
            slots,
            terms.priority(),
            terms.blackoutBudgetMillis(),
            terms.onBudgetExceeded(),
            terms.preCopy());
    return new Drain(
        id,
        host,
        others,
        phase,
        actor,
        reason,
        created,
        phaseSince,
        version,
        percent,
        moves,
        blockers,
        cancel);
  }

  /** The same, one version later. */
  Drain next() {
    return new Drain(
        id,
        host,
        terms,
        phase,
        actor,
        reason,
        created,
        phaseSince,
        version + 1,
        percent,
        moves,
        blockers,
        cancel);
  }
}
