package io.fermata.drain;

import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Order.Pair;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One machine of a drained host and how far it is.
 *
 * <pre>
 *   WAITING -> STARTING -> MOVING -> MOVED
 *   WAITING, STARTING, MOVING -> WAITING   (its migration failed or was never made)
 *   WAITING <-> BLOCKED,  MOVING -> BLOCKED
 *   WAITING, BLOCKED -> GONE               (it left the host in another way)
 *   MOVED, GONE -> WAITING                 (it is on the host again)
 * </pre>
 *
 * @param since when it came into this state, epoch milliseconds
 * @param attempt how many migrations of it the drain decided on
 * @param failures how many of them failed since the start or the last resume
 * @param notBefore when it may be tried again, epoch milliseconds
 * @param destination where its present or last migration goes
 * @param pairs the devices of that migration
 * @param migration that migration, or null until it is known to exist
 * @param started when that migration was decided on, epoch milliseconds
 * @param blocker what stands in the way, or null
 */
public record Move(
    String vm,
    State state,
    long since,
    int attempt,
    int failures,
    long notBefore,
    @Nullable HostName destination,
    List<Pair> pairs,
    @Nullable MigrationId migration,
    long started,
    @Nullable Blocker blocker) {
  public Move {
    pairs = List.copyOf(pairs);
  }

  /** How far it is. */
  public enum State {
    /** Nothing stands in its way but that others come first. */
    WAITING,
    /** A migration of it is decided on; whether it exists yet is not known. */
    STARTING,
    MOVING,
    BLOCKED,
    MOVED,
    /** It left the host without the drain. */
    GONE
  }

  /** A machine that was found on the host. */
  static Move found(String vm, long now) {
    return new Move(vm, State.WAITING, now, 0, 0, 0, null, List.of(), null, 0, null);
  }

  /** Whether it has left the host. */
  public boolean away() {
    return state == State.MOVED || state == State.GONE;
  }

  /** Whether a migration of it may be under way. */
  public boolean underWay() {
    return state == State.STARTING || state == State.MOVING;
  }

  /** Whether it holds one of the drain's slots: what is parked or blocked holds none. */
  public boolean holdsSlot() {
    return underWay() && blocker == null;
  }

  /** What names the present attempt, everywhere and for ever. */
  String key(DrainId drain) {
    return "drain:" + drain + ":" + vm + ":" + attempt;
  }

  Move to(State next, long now) {
    return with(next, state == next ? since : now, failures, notBefore, null);
  }

  /** Blocked by that; since when is kept where it was blocked by the same before. */
  Move blocked(Blocker by, long now) {
    long from = state == State.BLOCKED ? since : now;
    return with(State.BLOCKED, from, failures, notBefore, by.since(blocker));
  }

  /** Under way, and parked. */
  Move parked(Blocker by) {
    return with(state, since, failures, notBefore, by.since(blocker));
  }

  /** Its migration failed. */
  Move failed(long now, long again) {
    return with(State.WAITING, now, failures + 1, again, null);
  }

  /** A new try is worth it again. */
  Move forgiven(long now) {
    return state == State.BLOCKED ? with(State.WAITING, now, 0, 0, null) : this;
  }

  /** It is on the host again: as if it had just been found, but with numbers that go on. */
  Move again(long now) {
    return new Move(vm, State.WAITING, now, attempt, 0, 0, null, List.of(), null, 0, null);
  }

  /** The next migration of it is decided on. */
  Move starting(HostName to, List<Pair> set, long now) {
    return new Move(
        vm, State.STARTING, now, attempt + 1, failures, notBefore, to, set, null, now, null);
  }

  /** What would be decided, of which nothing is. */
  Move planned() {
    return state == State.STARTING
        ? new Move(vm, State.WAITING, since, 0, 0, 0, destination, pairs, null, 0, null)
        : this;
  }

  /** Its migration exists. */
  Move moving(MigrationId id, long now) {
    return new Move(
        vm, State.MOVING, now, attempt, failures, notBefore, destination, pairs, id, started, null);
  }

  private Move with(State next, long from, int failed, long again, @Nullable Blocker by) {
    return new Move(
        vm, next, from, attempt, failed, again, destination, pairs, migration, started, by);
  }
}
