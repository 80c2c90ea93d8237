package io.fermata.drain;

import io.fermata.drain.Blocker.Code;
import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Move.State;
import io.fermata.drain.Placing.Found;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a drain has to be next, from how it is and what is seen. Pure: whoever records the
 * answer may do what it says, and whoever looks again decides the same.
 *
 * <p>A migration is decided on before it is asked for, under a key that names drain, machine and
 * attempt. So one that died in between is asked for again under the same key, which makes no second
 * one; and one that was called off in between has its key taken away.
 */
public final class Drainer {
  /** What speaks against the end for a moment, and is taken care of by the next looks. */
  private static final Set<Code> PASSING = EnumSet.of(Code.NOT_CORDONED, Code.VM_OWNED);

  private final Drain before;
  private final Sights sights;
  private final long now;
  private final SortedMap<String, Move> moves;
  private final List<Blocker> blockers = new ArrayList<>();

  private Drainer(Drain before, Sights sights) {
    this.before = before;
    this.sights = sights;
    this.now = sights.nowMillis();
    this.moves = new TreeMap<>(before.moves());
  }

  /** The drain as it has to be now; the same one where nothing is to be changed. */
  public static Drain decide(Drain drain, Sights sights) {
    return drain.phase().ended() ? drain : new Drainer(drain, sights).decide();
  }

  /** Whether nothing is left to be done but to have the agent show it. */
  public static boolean wantsProof(Drain drain, Sights sights) {
    return drain.phase() == Phase.DRAINING
        && drain.blockers().isEmpty()
        && drain.moves().values().stream().allMatch(Move::away)
        && sights.host(drain.host()).isPresent();
  }

  /** The drain once the migration that it decided on is known to exist. */
  static Drain made(Drain drain, Move move, MigrationId id, long now) {
    return put(drain, move.moving(id, now));
  }

  /** The drain once the migration that it decided on can never come to be. */
  static Drain neverMade(Drain drain, Move move, long now) {
    return put(drain, move.to(State.WAITING, now));
  }

  private static Drain put(Drain drain, Move move) {
    SortedMap<String, Move> moves = new TreeMap<>(drain.moves());
    moves.put(move.vm(), move);
    return drain.with(moves, drain.blockers());
  }

  private Drain decide() {
    moves.replaceAll((vm, move) -> settled(move));
    return switch (before.phase()) {
      case DRAINING -> draining();
      case PAUSED -> before.with(moves, List.of());
      case CANCELLING -> cancelling();
      case DRAINED, CANCELLED -> before;
    };
  }

  /** After what its migration has come to. */
  private Move settled(Move move) {
    Migration child = move.migration() == null ? null : sights.children().get(move.migration());
    if (child == null || move.state() != State.MOVING) {
      return move;
    }
    Outcome outcome = child.outcome();
    if (outcome == null) {
      return child.phase() == io.fermata.migration.Phase.NEEDS_OPERATOR
          ? move.parked(parked(move, child))
          : move.to(State.MOVING, now);
    }
    if (outcome == Outcome.SUCCEEDED) {
      return move.to(State.MOVED, now);
    }
    if (child.abort() != null) {
      return move.blocked(
          blocker(
              Code.CHILD_ABORTED,
              move.vm(),
              child.id() + " was aborted by " + child.abort().actor(),
              resume()),
          now);
    }
    return failed(move, child, outcome);
  }

  private Move failed(Move move, Migration child, Outcome outcome) {
    Move again = move.failed(now, now + sights.rules().retryMillis());
    if (again.failures() < sights.rules().attempts()) {
      return again;
    }
    String detail =
        again.failures()
            + " migrations of it did not get away, the last one is "
            + child.id()
            + ", "
            + outcome;
    return again.blocked(
        blocker(Code.ATTEMPTS_FAILED, move.vm(), detail, explain(child) + "; then " + resume()),
        now);
  }

  private Blocker parked(Move move, Migration child) {
    String detail = child.id() + " waits for an operator, who says where the set runs";
    return blocker(Code.NEEDS_OPERATOR, move.vm(), detail, explain(child));
  }

  private Drain draining() {
    Optional<HostView> host = sights.host(before.host());
    if (host.isEmpty() || host.get().state() != AgentState.READY) {
      blockers.add(agent(host));
      return done();
    }
    find(host.get());
    if (sights.paused()) {
      blockers.add(
          blocker(
              Code.ADMISSION_PAUSED, null, "an operator lets nothing start", "curl $F/admission"));
    }
    comeIn();
    start(host.get());
    boolean empty = moves.values().stream().allMatch(Move::away) && blockers.isEmpty();
    return empty && sights.proof() != null ? proven(sights.proof()) : done();
  }

  private Blocker agent(Optional<HostView> host) {
    AgentState state = host.map(HostView::state).orElse(AgentState.UNKNOWN);
    Code code =
        switch (state) {
          case QUARANTINED -> Code.AGENT_QUARANTINED;
          case QUIET -> Code.AGENT_QUIET;
          case UNKNOWN, READY, STALE, LOST -> Code.AGENT_SILENT;
        };
    String detail = before.host() + "'s agent is " + state;
    return blocker(code, null, detail, "curl \"$F/hosts/" + before.host() + "?o=text\"");
  }

  /** Which machines are on the host. What was seen before a move's last change is no news. */
  private void find(HostView host) {
    Set<String> there = new TreeSet<>();
    host.devices().stream()
        .map(DeviceView::vm)
        .filter(Objects::nonNull)
        .filter(vm -> !before.terms().exclude().contains(vm))
        .forEach(there::add);
    there.forEach(vm -> moves.putIfAbsent(vm, Move.found(vm, now)));
    long seen = host.seenMillis() == null ? 0 : host.seenMillis();
    moves.replaceAll((vm, move) -> {
      if (seen <= move.since()) {
        return move;
      }
      if (move.away() && there.contains(vm)) {
        return move.again(now);
      }
      boolean left = !there.contains(vm) && !move.away() && !move.underWay();
      return left ? move.to(State.GONE, now) : move;
    });
  }

  /** Migrations that come to the host, or leave it with a machine that nobody sees there. */
  private void comeIn() {
    Set<String> told = new HashSet<>(moves.keySet());
    before.terms().exclude().forEach(told::add);
    for (Migration m : sights.open()) {
      boolean comes = m.order().destination().equals(before.host());
      if (comes || !told.contains(m.order().vm())) {
        blockers.add(
            new Blocker(
                Code.OTHER_MIGRATION,
                m.order().vm(),
                null,
                m.id() + (comes ? " comes to the host" : " leaves the host"),
                explain(m),
                now));
      }
    }
  }

  private void start(HostView host) {
    Drain known = before.with(moves, blockers);
    Placing placing = new Placing(known, host, sights);
    int slots = slots();
    for (Move move : known.moves().values()) {
      boolean waits = move.state() == State.WAITING || move.state() == State.BLOCKED;
      if (!waits || sticks(move)) {
        continue;
      }
      switch (placing.place(move)) {
        case Found.Stuck stuck -> moves.put(move.vm(), move.blocked(stuck.blocker(), now));
        case Found.Place place -> {
          boolean may = slots > 0 && !sights.paused() && move.notBefore() <= now;
          slots -= may ? 1 : 0;
          moves.put(
              move.vm(),
              may
                  ? move.starting(place.destination(), place.pairs(), now)
                  : move.to(State.WAITING, now));
        }
      }
    }
  }

  /** Until an operator says that it is worth another try. */
  private static boolean sticks(Move move) {
    Blocker blocker = move.blocker();
    return blocker != null
        && (blocker.code() == Code.ATTEMPTS_FAILED || blocker.code() == Code.CHILD_ABORTED);
  }

  private int slots() {
    int most =
        Math.min(
            before.terms().concurrency(),
            Math.min(sights.limits().perSource(), sights.limits().cluster()));
    return most - (int) moves.values().stream().filter(Move::holdsSlot).count();
  }

  private Drain proven(PowerOff proof) {
    List<Blocker> against =
        proof.reasons().stream().filter(reason -> reason.code() != Code.VM_EXCLUDED).toList();
    against.stream().filter(reason -> !PASSING.contains(reason.code())).forEach(blockers::add);
    Drain last = done();
    return against.isEmpty() ? last.in(Phase.DRAINED, null, now) : last;
  }

  private Drain cancelling() {
    Drain last = before.with(moves, List.of());
    boolean settled =
        moves.values().stream()
            .filter(Move::underWay)
            .allMatch(move -> move.state() == State.MOVING && isLeft(move));
    return settled ? last.in(Phase.CANCELLED, before.cancel(), now) : last;
  }

  /** Whether nothing more is to be done about that migration. */
  private boolean isLeft(Move move) {
    boolean aborts = before.cancel() != null && before.cancel().children();
    Migration child = move.migration() == null ? null : sights.children().get(move.migration());
    return !aborts || (child != null && pastAbort(child));
  }

  /** Whether an abort would come too late, or an operator has to decide. */
  static boolean pastAbort(Migration child) {
    return switch (child.phase()) {
      case RESUMING, CLEANING, DONE, NEEDS_OPERATOR -> true;
      default -> false;
    };
  }

  private Drain done() {
    List<Blocker> all =
        blockers.stream()
            .map(b -> b.since(before.blockers().stream().filter(b::same).findFirst().orElse(null)))
            .toList();
    return before.with(moves, all);
  }

  private Blocker blocker(Code code, @Nullable String vm, String detail, String next) {
    return new Blocker(code, vm, null, detail, next, now);
  }

  private String resume() {
    return "curl -X POST $F/drains/" + before.id() + "/resume";
  }

  private static String explain(Migration m) {
    return "curl \"$F/migrations/" + m.id() + "/explain?o=text\"";
  }
}
