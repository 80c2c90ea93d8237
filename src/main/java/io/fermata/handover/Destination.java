package io.fermata.handover;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.PeerMessage.Word;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * In place of the seal an operator's word may stand (Adopted), and what was started may be ended by
 * one (Overruled); then the set is brought to a stand before its devices are reset.
 *
 * <p>What was voided is never started; what was started is never voided once a device has left
 * STOP. Model: the {@code T_} actions of {@code handover.tla}.
 */
public final class Destination extends Claim {
  private final Inflow inflow = new Inflow();
  private final StartRight right = new StartRight();
  private boolean expecting;
  private boolean sourceDone;
  private boolean toldStart;
  private boolean vouched;
  private int failedRounds;
  private long toldAt;

  Destination(Fact.Claimed claimed, ClaimedSet set, long now) {
    super(claimed, set, Goal.RESUMING, now);
  }

  @Override
  void apply(Fact fact) {
    right.apply(fact);
    if (right.started() != null) {
      goal = Goal.RUNNING;
    }
  }

  /**
   * A copy that was not started is not believed after a restart: nobody vouches for its digest any
   * more.
   */
  @Override
  void woken(Turn turn) {
    if (right.started() == null && !right.isGivenUp()) {
      record(new Fact.Abandoned(migration()), turn);
    }
    vouched = right.started() != null;
    if (right.started() != null && right.adopted() == null) {
      inquire(right.started().stop(), turn);
    }
  }

  @Override
  Optional<Refusal> take(Request request, Turn turn) {
    return switch (request) {
      case Request.ClaimDestination r -> sameSpec(r, turn);
      case Request.Load r -> givenUp();
      case Request.Start r -> start(r.seal(), turn);
      case Request.VoidCopy r -> giveUp(r.stop(), turn);
      case Request.Adopt r -> adopt(r, turn);
      case Request.Surrender r -> surrender(r, turn);
      case Request.Close r -> closeAtWord(turn);
      case Request.Renew r -> Optional.empty();
      case Request.ClaimSource r -> wrongSide(r);
      case Request.PreCopy r -> wrongSide(r);
      case Request.Quiesce r -> wrongSide(r);
      case Request.Freeze r -> wrongSide(r);
      case Request.Copy r -> wrongSide(r);
      case Request.Seal r -> wrongSide(r);
      case Request.Unseal r -> wrongSide(r);
      case Request.Reclaim r -> wrongSide(r);
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
    if (over.isEmpty() && right.started() == null) {
      set.retry(true, turn);
    }
    return over;
  }

  private Optional<Refusal> givenUp() {
    return right.isGivenUp()
        ? refuse(Code.VOIDED, spec().self() + " gave this copy up; it will never start")
        : Optional.empty();
  }

  /** Model: {@code T_Start}. "Started" is on disk before any device moves. */
  private Optional<Refusal> start(Receipt.Sealed seal, Turn turn) {
    if (right.started() != null) {
      return right.another(seal.stop());
    }
    if (!seal.migration().equals(migration()) || !seal.destination().equals(spec().self())) {
      return refuse(Code.OTHER_DESTINATION, "the seal is for " + seal.destination());
    }
    Optional<Refusal> unfit = unfit(seal.stop());
    if (unfit.isPresent()) {
      return unfit;
    }
    if (!ImageDigest.same(ready().orElseThrow().images(), seal.images())) {
      return refuse(Code.OTHER_IMAGES, "the seal names other images than those loaded here");
    }
    record(new Fact.Started(migration(), seal), turn);
    set.retry(true, turn);
    return Optional.empty();
  }

  /**
   * A start without a seal: an operator vouches that the source is fenced. It is on disk with his
   * word before any device moves, and the source is told for as long as it has not answered.
   */
  private Optional<Refusal> adopt(Request.Adopt r, Turn turn) {
    if (right.started() != null) {
      return right.another(r.stop());
    }
    Optional<Refusal> unfit = unfit(r.stop());
    if (unfit.isEmpty()) {
      var receipt = new Receipt.Adopted(migration(), r.stop(), spec().self(), r.word());
      record(new Fact.Adopted(migration(), receipt), turn);
      set.retry(true, turn);
    }
    return unfit;
  }

  /**
   * What neither runs nor may revert is given up on an operator's word: as long as no start receipt
   * can be out. The source lets go of its copy on one, and then all that is left is here.
   */
  private Optional<Refusal> surrender(Request.Surrender r, Turn turn) {
    if (right.started() == null || right.isVoid(r.stop())) {
      return giveUp(r.stop(), turn);
    }
    Optional<Refusal> another = right.another(r.stop());
    if (another.isPresent()) {
      return another;
    }
    if (vouched) {
      return refuse(
          Code.STARTED,
          "stop "
              + r.stop()
              + " was started here and vouched for: the source may have let go of it");
    }
    if (progress() == Progress.MOVING) {
      return refuse(Code.NOT_AT_REST, "stop " + r.stop() + " was started here and is coming up");
    }
    overrule(r.stop(), r.word(), turn);
    return Optional.empty();
  }

  /** The source took the right back while this host could not be heard: whatever runs here ends. */
  private void reclaimed(Receipt.Reclaimed receipt, Turn turn) {
    boolean mine = receipt.destination().equals(spec().self());
    if (mine && right.started() != null && right.started().stop().equals(receipt.stop())) {
      overrule(receipt.stop(), receipt.word(), turn);
    } else if (mine && right.started() == null) {
      giveUp(receipt.stop(), turn);
    }
  }

  private void overrule(Stop stop, Testimony word, Turn turn) {
    record(new Fact.Overruled(migration(), stop, word), turn);
    vcpus.forget();
    turn.then(new Effect.DropStreams(migration()));
  }

  /** Why no device may leave STOP under that stop, or empty when a whole copy of it is here. */
  private Optional<Refusal> unfit(Stop stop) {
    if (right.gaveUp(stop)) {
      return refuse(Code.VOIDED, "stop " + stop + " was given up here");
    }
    return ready().filter(copy -> isOf(stop, copy)).isPresent()
        ? Optional.empty()
        : refuse(Code.NOT_READY, "no whole copy of stop " + stop + " is loaded here");
  }

  private static boolean isOf(Stop stop, Receipt.Ready copy) {
    return copy.stop().equals(stop);
  }

  /** Model: {@code T_Void} and {@code T_Revert}. */
  private Optional<Refusal> giveUp(@Nullable Stop stop, Turn turn) {
    if (stop != null && right.isVoid(stop)) {
      return Optional.empty();
    }
    if (right.started() != null && !mayRevert()) {
      return refuse(
          Code.STARTED,
          "stop " + right.started().stop() + " was started and a device may have moved");
    }
    Optional<Refusal> another = stop == null ? Optional.empty() : right.another(stop);
    if (another.isPresent()) {
      return another;
    }
    Stop named = right.started() != null ? right.started().stop() : stop;
    if (named != null) {
      record(new Fact.Voided(migration(), named), turn);
    } else if (!right.isGivenUp()) {
      record(new Fact.Abandoned(migration()), turn);
    }
    turn.then(new Effect.DropStreams(migration()));
    return Optional.empty();
  }

  /** Only while nothing was seen outside; a copy that an operator kept is the only one. */
  private boolean mayRevert() {
    return right.adopted() == null && set.hasNotMoved();
  }

  private Optional<Refusal> closeAtWord(Turn turn) {
    if (standing() == Standing.CLOSED) {
      return Optional.empty();
    }
    if (right.started() == null || progress() != Progress.REACHED) {
      return refuse(Code.NOT_AT_REST, "the set does not run here; void the claim to give it up");
    }
    close(turn);
    return Optional.empty();
  }

  @Override
  PeerMessage.Word peer(PeerMessage message, Turn turn) {
    // a source that has no seal yields to the word; one that has is released by the start
    Receipt answer = right.adopted() != null ? right.adopted() : standingReceipt();
    if (message instanceof PeerMessage.Settle settle
        && settle.receipt() instanceof Receipt.Sealed seal) {
      if (start(seal, turn).isPresent() && right.started() == null && mayVoid(seal)) {
        giveUp(seal.stop(), turn);
      }
      // the stop that was asked about: an older void in its place would leave the source sealed
      answer =
          right.isVoid(seal.stop())
              ? new Receipt.Voided(migration(), seal.stop(), spec().self())
              : standingReceipt();
    }
    if (message instanceof PeerMessage.Settle(MigrationId m, Receipt.Reclaimed receipt)) {
      reclaimed(receipt, turn);
      answer = standingReceipt();
    }
    return new Word(migration(), answer, PeerMessage.Standing.PENDING);
  }

  /**
   * A seal for a copy that is lost or given up is answered by a void, so that the source may go
   * back.
   */
  private boolean mayVoid(Receipt.Sealed seal) {
    boolean forMe = seal.destination().equals(spec().self());
    boolean lost = right.isGivenUp() || ready().isEmpty();
    return forMe && lost;
  }

  private @Nullable Receipt standingReceipt() {
    List<Receipt> held = receipts();
    return held.isEmpty() || held.getFirst() instanceof Receipt.Ready ? null : held.getFirst();
  }

  @Override
  void word(PeerMessage.Word word, Turn turn) {
    if (word.receipt() instanceof Receipt.Sealed seal
        && right.started() == null
        && !right.isGivenUp()) {
      start(seal, turn);
    }
    if (word.receipt() instanceof Receipt.Reclaimed receipt) {
      reclaimed(receipt, turn);
    }
    if (word.standing() == PeerMessage.Standing.DONE) {
      sourceDone = true;
    }
    if (word.standing() == PeerMessage.Standing.GONE && right.started() == null) {
      giveUp(ready().map(Receipt.Ready::stop).orElse(null), turn);
    }
  }

  @Override
  void sent(Event.Sent sent, Turn turn) {}

  @Override
  void arrived(Event.Arrived arrived, Turn turn) {
    if (right.started() == null && !right.isGivenUp()) {
      inflow.arrived(arrived);
    }
  }

  @Override
  void broke(Event.Broke broke, Turn turn) {
    if (right.started() == null && !inflow.has(broke.device())) {
      set.troubled(broke.device(), broke.detail());
    }
  }

  /**
   * A claim that heard nothing for its lease and holds no whole copy gives up: no seal can name it.
   */
  @Override
  void lapse(Turn turn) {
    boolean idle = right.started() == null && !right.isGivenUp() && ready().isEmpty();
    if (idle && silence(turn) >= leaseNanos()) {
      record(new Fact.Abandoned(migration()), turn);
      turn.then(new Effect.DropStreams(migration()));
    }
  }

  @Override
  void ticked(Turn turn) {
    if (standing() == Standing.CLOSED) {
      boolean due = turn.now() - toldAt >= leaseNanos();
      if (right.adopted() != null && !sourceDone && due) {
        tell(turn); // the source may come back at any time, unsealed: it has to hear who was kept
      }
      return;
    }
    lapse(turn);
    if (right.isGivenUp()) {
      set.retry(false, turn);
    }
    if (right.started() != null && set.retry(false, turn)) {
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
    if (right.started() != null && failedRounds >= turn.timings().startAttempts() && mayRevert()) {
      giveUp(right.started().stop(), turn);
    }
  }

  /**
   * Says to the source what it has to know, until it has answered; asks it when nobody else speaks.
   */
  private void tell(Turn turn) {
    toldAt = turn.now();
    Receipt mine = right.adopted() != null ? right.adopted() : standingReceipt();
    Optional<Receipt.Ready> ready = ready();
    if (mine != null && !sourceDone) {
      turn.then(new Effect.Tell(spec().peerUrl(), new PeerMessage.Settle(migration(), mine)));
    } else if (ready.isPresent() && right.started() == null && silence(turn) >= leaseNanos()) {
      Stop stop = ready.get().stop();
      turn.then(new Effect.Tell(spec().peerUrl(), new PeerMessage.Inquire(migration(), stop)));
    }
  }

  @Override
  void advance(Turn turn) {
    if (right.isOverruled() && !stands(turn)) {
      return; // a device that may run is never reset
    }
    boolean wiped = goal != Goal.RESUMING && set.anyWiped();
    if (wiped && !right.isGivenUp()) {
      giveUp(stop(), turn); // refused once another device has moved: then all hold still
    }
    if (right.isGivenUp()) {
      set.reset(state -> state != DeviceState.UNKNOWN, turn);
      if (set.allBlank()) {
        close(turn); // a closed claim still answers with its void
      }
    } else if (right.started() != null && !wiped && !held(turn)) {
      set.drive(Goal.RUNNING, n -> true, turn);
      run(turn);
    } else if (right.started() == null) {
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
      set.drive(goal, inflow::has, turn);
    }
  }

  private void run(Turn turn) {
    boolean up = set.reached(Goal.RUNNING) && !anyAt(DeviceState.ERROR);
    if (standingReceipt() != null && !toldStart) {
      toldStart = true;
      vouched = true;
      tell(turn);
    }
    if (up && (right.leavesPaused() ? vcpus.left() : guestIs(true, turn)) && sourceDone) {
      close(turn);
    }
  }

  private Optional<Receipt.Ready> ready() {
    if (goal != Goal.STOPPED || !inflow.isWhole(set) || !isLoaded() || isLost()) {
      return Optional.empty();
    }
    return inflow
        .stop()
        .map(stop -> new Receipt.Ready(migration(), stop, spec().self(), inflow.digests()));
  }

  /** A driver may refuse its image when it leaves RESUMING: after the seal that is too late. */
  private boolean isLoaded() {
    return set.allAt(DeviceState.STOP);
  }

  private boolean isLost() {
    return right.isGivenUp();
  }

  @Override
  Progress progress() {
    if (standing() == Standing.CLOSED) {
      return Progress.REACHED;
    }
    if (right.isGivenUp()) {
      return set.allBlank() ? Progress.REACHED : Progress.MOVING;
    }
    if (right.started() != null) {
      return running();
    }
    if (goal == Goal.STOPPED) {
      return loaded();
    }
    return set.moving() ? Progress.MOVING : Progress.STUCK;
  }

  private Progress running() {
    boolean up = set.reached(Goal.RUNNING) && !anyAt(DeviceState.ERROR);
    if (up && vcpus.state().isLet()) {
      return Progress.REACHED;
    }
    return set.moving() || vcpus.awaited() ? Progress.MOVING : Progress.STUCK;
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
    return right.started() != null
        ? right.started().stop()
        : ready().map(Receipt.Ready::stop).orElse(null);
  }

  /**
   * The receipts that hold, the weightiest first. A start is owned to once a device has left STOP.
   */
  @Override
  List<Receipt> receipts() {
    List<Receipt> held = new ArrayList<>();
    boolean owned = toldStart || standing() == Standing.CLOSED || set.hasMoved();
    if (right.started() != null && owned) {
      held.add(new Receipt.Started(migration(), right.started().stop(), spec().self()));
    }
    right.receipts(migration(), spec().self()).forEach(held::add);
    if (right.started() == null) {
      ready().ifPresent(held::add);
    }
    return held;
  }
}
