package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.PeerMessage.Word;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The destination's half of a hand-over: it loads a copy, and runs it only on the source's seal.
 *
 * <pre>
 *  RESUMING -> STOPPED, all images of one stop = ready --Started--> RUNNING -> closed
 *      |           |                                     | while all are in STOP (T_Revert)
 *      +-----------+--- Voided or Abandoned -------------+---> devices reset -> closed
 * </pre>
 *
 * What was voided is never started; what was started is never voided once a device has left STOP.
 * Model: the {@code T_} actions of {@code handover.tla}.
 */
public final class Destination extends Claim {
  private final Map<DeviceName, Event.Arrived> images = new TreeMap<>();
  private final Set<Stop> voids = new LinkedHashSet<>();
  private Receipt.@Nullable Sealed started;
  private boolean abandoned;
  private boolean expecting;
  private boolean sourceDone;
  private boolean toldStart;
  private int failedRounds;
  private long toldAt;

  Destination(Fact.Claimed claimed, ClaimedSet set, long now) {
    super(claimed, set, Goal.RESUMING, now);
  }

  @Override
  void apply(Fact fact) {
    switch (fact) {
      case Fact.Started f -> {
        started = f.receipt();
        goal = Goal.RUNNING;
      }
      case Fact.Voided f -> {
        voids.add(f.stop());
        abandoned = true;
        started = null;
      }
      case Fact.Abandoned f -> abandoned = true;
      default -> throw new IllegalArgumentException(fact + " is no fact of a destination");
    }
  }

  /**
   * A copy that was not started is not believed after a restart: nobody vouches for its digest any
   * more.
   */
  @Override
  void woken(Turn turn) {
    if (started == null && !abandoned) {
      record(new Fact.Abandoned(migration()), turn);
    }
  }

  @Override
  Optional<Refusal> take(Request request, Turn turn) {
    return switch (request) {
      case Request.ClaimDestination r -> sameSpec(r, turn);
      case Request.Load r -> givenUp();
      case Request.Start r -> start(r.seal(), turn);
      case Request.VoidCopy r -> giveUp(r.stop(), turn);
      case Request.Close r -> closeAtWord(turn);
      case Request.Renew r -> Optional.empty();
      case Request.ClaimSource r -> wrongSide(r);
      case Request.PreCopy r -> wrongSide(r);
      case Request.Quiesce r -> wrongSide(r);
      case Request.Freeze r -> wrongSide(r);
      case Request.Copy r -> wrongSide(r);
      case Request.Seal r -> wrongSide(r);
      case Request.Unseal r -> wrongSide(r);
      case Request.Return r -> wrongSide(r);
      case Request.Release r -> wrongSide(r);
    };
  }

  private Optional<Refusal> sameSpec(Request.ClaimDestination request, Turn turn) {
    if (!request.spec().equals(spec())) {
      return refuse(
          Code.OTHER_SPEC, migration() + " was claimed for other devices or another peer");
    }
    Optional<Refusal> over = givenUp();
    if (over.isEmpty() && started == null) {
      set.retry(true, turn);
    }
    return over;
  }

  private Optional<Refusal> givenUp() {
    return abandoned
        ? refuse(Code.VOIDED, spec().self() + " gave this copy up; it will never start")
        : Optional.empty();
  }

  /** Model: {@code T_Start}. "Started" is on disk before any device moves. */
  private Optional<Refusal> start(Receipt.Sealed seal, Turn turn) {
    if (started != null) {
      return started.stop().equals(seal.stop())
          ? Optional.empty()
          : refuse(Code.OTHER_STOP, "stop " + started.stop() + " was started here");
    }
    if (!seal.migration().equals(migration()) || !seal.destination().equals(spec().self())) {
      return refuse(Code.OTHER_DESTINATION, "the seal is for " + seal.destination());
    }
    if (isGivenUp(seal.stop())) {
      return refuse(Code.VOIDED, "stop " + seal.stop() + " was given up here");
    }
    Optional<Receipt.Ready> ready = ready();
    if (ready.isEmpty() || !isOf(seal.stop(), ready.get())) {
      return refuse(Code.NOT_READY, "no whole copy of stop " + seal.stop() + " is loaded here");
    }
    if (!ImageDigest.same(ready.get().images(), seal.images())) {
      return refuse(Code.OTHER_IMAGES, "the seal names other images than those loaded here");
    }
    record(new Fact.Started(migration(), seal), turn);
    set.retry(true, turn);
    return Optional.empty();
  }

  private boolean isGivenUp(Stop stop) {
    return voids.contains(stop) || abandoned;
  }

  private static boolean isOf(Stop stop, Receipt.Ready copy) {
    return copy.stop().equals(stop);
  }

  /** Model: {@code T_Void} and {@code T_Revert}. */
  private Optional<Refusal> giveUp(@Nullable Stop stop, Turn turn) {
    if (stop != null && voids.contains(stop)) {
      return Optional.empty();
    }
    if (started != null && !mayRevert()) {
      return refuse(
          Code.STARTED, "stop " + started.stop() + " was started and a device may have moved");
    }
    if (started != null && stop != null && !started.stop().equals(stop)) {
      return refuse(Code.OTHER_STOP, "stop " + started.stop() + " was started here");
    }
    Stop named = started != null ? started.stop() : stop;
    if (named != null) {
      record(new Fact.Voided(migration(), named), turn);
    } else if (!abandoned) {
      record(new Fact.Abandoned(migration()), turn);
    }
    turn.then(new Effect.DropStreams(migration()));
    return Optional.empty();
  }

  /**
   * Only while every device was read in STOP and no call is out: nothing of the set has been seen
   * outside.
   */
  private boolean mayRevert() {
    return set.allAt(DeviceState.STOP);
  }

  private Optional<Refusal> closeAtWord(Turn turn) {
    if (standing() == Standing.CLOSED) {
      return Optional.empty();
    }
    if (started == null || progress() != Progress.REACHED) {
      return refuse(Code.NOT_AT_REST, "the set does not run here; void the claim to give it up");
    }
    close(turn);
    return Optional.empty();
  }

  @Override
  PeerMessage.Word peer(PeerMessage message, Turn turn) {
    Receipt answer = standingReceipt();
    if (message instanceof PeerMessage.Settle settle
        && settle.receipt() instanceof Receipt.Sealed seal) {
      if (start(seal, turn).isPresent() && started == null && mayVoid(seal)) {
        giveUp(seal.stop(), turn);
      }
      // the stop that was asked about: an older void in its place would leave the source sealed
      answer =
          voids.contains(seal.stop())
              ? new Receipt.Voided(migration(), seal.stop(), spec().self())
              : standingReceipt();
    }
    return new Word(migration(), answer, PeerMessage.Standing.PENDING);
  }

  /**
   * A seal for a copy that is lost or given up is answered by a void, so that the source may go
   * back.
   */
  private boolean mayVoid(Receipt.Sealed seal) {
    boolean forMe = seal.destination().equals(spec().self());
    boolean lost = abandoned || ready().isEmpty();
    return forMe && lost;
  }

  private @Nullable Receipt standingReceipt() {
    List<Receipt> held = receipts();
    return held.isEmpty() || held.getFirst() instanceof Receipt.Ready ? null : held.getFirst();
  }

  @Override
  void word(PeerMessage.Word word, Turn turn) {
    if (word.receipt() instanceof Receipt.Sealed seal && started == null && !abandoned) {
      start(seal, turn);
    }
    if (word.standing() == PeerMessage.Standing.DONE) {
      sourceDone = true;
    }
    if (word.standing() == PeerMessage.Standing.GONE && started == null) {
      giveUp(ready().map(Receipt.Ready::stop).orElse(null), turn);
    }
  }

  @Override
  void sent(Event.Sent sent, Turn turn) {}

  @Override
  void arrived(Event.Arrived arrived, Turn turn) {
    if (started == null && !abandoned) {
      images.put(arrived.image().device(), arrived);
    }
  }

  @Override
  void broke(Event.Broke broke, Turn turn) {
    if (started == null && !images.containsKey(broke.device())) {
      set.troubled(broke.device(), broke.detail());
    }
  }

  /**
   * A claim that heard nothing for its lease and holds no whole copy gives up: no seal can name it.
   */
  @Override
  void lapse(Turn turn) {
    boolean idle = started == null && !abandoned && ready().isEmpty();
    if (idle && silence(turn) >= leaseNanos()) {
      record(new Fact.Abandoned(migration()), turn);
      turn.then(new Effect.DropStreams(migration()));
    }
  }

  @Override
  void ticked(Turn turn) {
    if (standing() == Standing.CLOSED) {
      return;
    }
    lapse(turn);
    if (abandoned) {
      set.retry(false, turn);
    }
    if (started != null && set.retry(false, turn)) {
      failedRounds++;
      revertIfHopeless(turn);
    }
    if (turn.now() - toldAt >= turn.timings().peerNanos()) {
      tell(turn);
    }
  }

  /**
   * The first hop keeps failing and nothing has moved: give the stop up, so that the source may run
   * again.
   */
  private void revertIfHopeless(Turn turn) {
    if (started != null && failedRounds >= turn.timings().startAttempts() && mayRevert()) {
      giveUp(started.stop(), turn);
    }
  }

  /**
   * Says to the source what it has to know, until it has answered; asks it when nobody else speaks.
   */
  private void tell(Turn turn) {
    toldAt = turn.now();
    Receipt mine = standingReceipt();
    Optional<Receipt.Ready> ready = ready();
    if (mine != null && !sourceDone) {
      turn.then(new Effect.Tell(spec().peerUrl(), new PeerMessage.Settle(migration(), mine)));
    } else if (ready.isPresent() && started == null && silence(turn) >= leaseNanos()) {
      Stop stop = ready.get().stop();
      turn.then(new Effect.Tell(spec().peerUrl(), new PeerMessage.Inquire(migration(), stop)));
    }
  }

  @Override
  void advance(Turn turn) {
    if (abandoned) {
      set.reset(state -> state != DeviceState.UNKNOWN, turn);
      if (set.allBlank()) {
        close(turn); // a closed claim still answers with its void
      }
    } else if (started != null) {
      set.drive(Goal.RUNNING, n -> true, turn);
      run(turn);
    } else {
      load(turn);
    }
  }

  private void load(Turn turn) {
    if (goal == Goal.RESUMING) {
      set.drive(goal, n -> true, turn);
      if (set.reached(Goal.RESUMING) && !anyAt(DeviceState.ERROR)) {
        goal = Goal.STOPPED;
      }
    }
    if (goal == Goal.STOPPED) {
      if (!expecting) {
        expecting = true;
        turn.then(new Effect.ExpectStreams(migration(), spec()));
      }
      set.drive(goal, images::containsKey, turn);
    }
  }

  private void run(Turn turn) {
    boolean up = set.reached(Goal.RUNNING) && !anyAt(DeviceState.ERROR);
    if (standingReceipt() != null && !toldStart) {
      toldStart = true;
      tell(turn);
    }
    if (up && guestIs(true, turn) && sourceDone) {
      close(turn);
    }
  }

  private Optional<Receipt.Ready> ready() {
    if (goal != Goal.STOPPED || !isWhole() || !isLoaded() || isLost()) {
      return Optional.empty();
    }
    List<Stop> stops = images.values().stream().map(Event.Arrived::stop).distinct().toList();
    List<ImageDigest> digests = images.values().stream().map(Event.Arrived::image).toList();
    return stops.size() == 1
        ? Optional.of(new Receipt.Ready(migration(), stops.getFirst(), spec().self(), digests))
        : Optional.empty();
  }

  private boolean isWhole() {
    return images.size() == set.names().size();
  }

  /** A driver may refuse its image when it leaves RESUMING: after the seal that is too late. */
  private boolean isLoaded() {
    return set.allAt(DeviceState.STOP);
  }

  private boolean isLost() {
    return abandoned;
  }

  @Override
  Progress progress() {
    if (standing() == Standing.CLOSED) {
      return Progress.REACHED;
    }
    if (abandoned) {
      return set.allBlank() ? Progress.REACHED : Progress.MOVING;
    }
    if (started != null) {
      return running();
    }
    if (goal == Goal.STOPPED) {
      return loaded();
    }
    return set.moving() ? Progress.MOVING : Progress.STUCK;
  }

  private Progress running() {
    boolean up = set.reached(Goal.RUNNING) && !anyAt(DeviceState.ERROR);
    if (up && guest == GuestState.RUNNING) {
      return Progress.REACHED;
    }
    return set.moving() || guestAwaited() ? Progress.MOVING : Progress.STUCK;
  }

  private Progress loaded() {
    if (ready().isPresent()) {
      return Progress.REACHED;
    }
    boolean well = set.names().stream().allMatch(set::well) && !anyAt(DeviceState.ERROR);
    return well ? Progress.MOVING : Progress.STUCK;
  }

  @Override
  @Nullable Stop stop() {
    return started != null ? started.stop() : ready().map(Receipt.Ready::stop).orElse(null);
  }

  /**
   * The receipts that hold, the weightiest first. A start is owned to only once a device has left
   * STOP.
   */
  @Override
  List<Receipt> receipts() {
    List<Receipt> held = new ArrayList<>();
    if (started != null && (standing() == Standing.CLOSED || hasMoved())) {
      held.add(new Receipt.Started(migration(), started.stop(), spec().self()));
    }
    voids.forEach(v -> held.add(new Receipt.Voided(migration(), v, spec().self())));
    if (started == null) {
      ready().ifPresent(held::add);
    }
    return held;
  }

  private boolean hasMoved() {
    return set.anyAt(Destination::moved);
  }

  private static boolean moved(DeviceState state) {
    return state != DeviceState.UNKNOWN && state.mayChange();
  }
}
