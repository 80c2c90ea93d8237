package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.PeerMessage.Word;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The source's half of a hand-over: it owns the state until a destination has durably taken it
 * over.
 *
 * <pre>
 *  RUNNING -> PRE_COPY -> QUIESCED -> FROZEN -> COPYING --Sealed--> --Released--> cleaned, closed
 *     ^           |           |          |         |        |
 *     +-----------+-----------+----------+---------+        | Unsealed, on a void receipt, or
 *     | request, lease end, restart (S_LeaseExpires)        | Reclaimed, on an operator's word
 *     +-----------------------------------------------------+
 * </pre>
 *
 * From gate to gate it goes on request, or by itself if the request to quiesce asked for that. A
 * sealed source never moves by itself. On an operator's word it may be sealed from anywhere
 * (Yielded); what runs then is brought to a stand. Model: the {@code S_} actions of {@code
 * handover.tla}.
 */
public final class Source extends Claim {
  private final Outflow outflow;
  private final StopNumbers numbers;
  private final RunRight right;
  private boolean onward;
  private long toldAt;

  Source(Fact.Claimed claimed, ClaimedSet set, StopNumbers numbers, long now) {
    super(claimed, set, Goal.RUNNING, now);
    this.numbers = numbers;
    this.right = new RunRight(claimed.spec());
    this.outflow = new Outflow(claimed.migration(), claimed.spec());
  }

  @Override
  void apply(Fact fact) {
    right.apply(fact);
    if (fact instanceof Fact.Released) {
      standing(Standing.RELEASED);
      goal = Goal.STOPPED;
    }
    if (fact instanceof Fact.Yielded && !goal.isOfAStop()) {
      goal = Goal.FROZEN; // a set that runs here is brought to a stand
    }
  }

  @Override
  void woken(Turn turn) {
    if (right.isPending()) {
      goal = Goal.COPYING; // holds still: a sealed source plans no hop
    }
    Stop last = right.stop();
    if (right.isHere() && last != null && right.reclaimed() == null) {
      inquire(last, turn);
    }
  }

  @Override
  Optional<Refusal> take(Request request, Turn turn) {
    return switch (request) {
      case Request.ClaimSource r -> sameSpec(r);
      case Request.PreCopy r -> preCopy(turn);
      case Request.Quiesce r -> quiesce(r, turn);
      case Request.Freeze r -> freeze(r, turn);
      case Request.Copy r -> copy(r, turn);
      case Request.Seal r -> seal(r.ready(), turn);
      case Request.Unseal r -> unseal(r.voided(), turn);
      case Request.Reclaim r -> reclaim(r, turn);
      case Request.Return r -> giveBack(turn);
      case Request.Release r -> release(r.started(), turn);
      case Request.Close r -> closeAtWord(turn);
      case Request.Renew r -> Optional.empty();
      case Request.ClaimDestination _, Request.Load _, Request.Start _ -> wrongSide(request);
      case Request.VoidCopy _, Request.Adopt _, Request.Surrender _ -> wrongSide(request);
    };
  }

  private Optional<Refusal> sameSpec(Request.ClaimSource request) {
    if (standing() == Standing.CLOSED) {
      return closed();
    }
    return request.spec().equals(spec())
        ? Optional.empty()
        : refuse(Code.OTHER_SPEC, migration() + " was claimed for other devices or another peer");
  }

  private Optional<Refusal> preCopy(Turn turn) {
    Optional<Refusal> busy = goal == Goal.PRE_COPY ? Optional.empty() : mayStart();
    if (busy.isEmpty()) {
      head(Goal.PRE_COPY, turn);
    }
    return busy;
  }

  /** Model: {@code S_Quiesce}. The number is on disk before any device moves. */
  private Optional<Refusal> quiesce(Request.Quiesce request, Turn turn) {
    boolean again = goal == Goal.QUIESCED || (request.goesOn() && goal.isOfAStop());
    if (again && right.isHere()) {
      onward = request.goesOn();
      tryAgain(turn);
      return Optional.empty();
    }
    Optional<Refusal> busy = goal == Goal.PRE_COPY ? Optional.empty() : mayStart();
    if (busy.isEmpty()) {
      record(new Fact.Stopped(migration(), numbers.next()), turn);
      vcpus.forget();
      vcpus.forgetTimes();
      head(Goal.QUIESCED, turn);
      onward = request.goesOn();
    }
    return busy;
  }

  private Optional<Refusal> mayStart() {
    if (standing() == Standing.CLOSED) {
      return closed();
    }
    Optional<Refusal> given = right.stopsAnew();
    if (given.isEmpty() && goal != Goal.RUNNING) {
      return refuse(Code.WALKING_BACK, "the set is on its way to " + goal + ", not at rest");
    }
    return given.isPresent() || set.isWellAt(Goal.RUNNING)
        ? given
        : refuse(Code.DEVICE_NOT_RUNNING, "not every device of the set is in RUNNING");
  }

  private Optional<Refusal> freeze(Request.Freeze request, Turn turn) {
    Optional<Refusal> other = under(request.stop());
    if (other.isPresent()) {
      return other;
    }
    if (goal == Goal.FROZEN) {
      tryAgain(turn);
    } else if (goal == Goal.QUIESCED && quiesced()) {
      head(Goal.FROZEN, turn);
    } else if (goal != Goal.COPYING) {
      return outflow.shut(
          Code.NOT_QUIESCED, "gate 1 is shut: not every device of the set is quiesced");
    }
    return Optional.empty();
  }

  private Optional<Refusal> copy(Request.Copy request, Turn turn) {
    Optional<Refusal> other = under(request.stop());
    if (other.isPresent()) {
      return other;
    }
    if (goal == Goal.COPYING) {
      tryAgain(turn);
    } else if (goal == Goal.FROZEN && set.reached(Goal.FROZEN) && !outflow.isBroken()) {
      head(Goal.COPYING, turn);
    } else {
      return outflow.shut(Code.NOT_FROZEN, "gate 2 is shut: not every device of the set is frozen");
    }
    return Optional.empty();
  }

  /** A set that went on by itself tells of what failed before it was asked for. */
  private void tryAgain(Turn turn) {
    if (!onward) {
      set.retry(true, turn);
    }
  }

  /** Refuses what does not belong to the present stop; model: {@code SealNamesGen}. */
  private Optional<Refusal> under(Stop named) {
    if (standing() == Standing.CLOSED) {
      return closed();
    }
    if (!right.isHere()) {
      return right.isSealed();
    }
    if (!right.isUnder(named)) {
      return refuse(
          Code.OTHER_STOP,
          "the request names stop " + named + ", the set is under " + right.stop());
    }
    return goal.isOfAStop()
        ? Optional.empty()
        : refuse(Code.WALKING_BACK, "the set left stop " + named + " and is going back to RUNNING");
  }

  /**
   * Model: {@code S_Seal}. Asked again with the same two values: the same answer; with others:
   * refused.
   */
  private Optional<Refusal> seal(Receipt.Ready ready, Turn turn) {
    if (!right.isHere()) {
      return right.isSealedFor(ready) ? Optional.empty() : right.isSealed();
    }
    Optional<Refusal> other = under(ready.stop());
    if (other.isPresent()) {
      return other;
    }
    if (!ready.destination().equals(spec().peer())) {
      return refuse(Code.OTHER_DESTINATION, "this claim is for " + spec().peer());
    }
    if (!isCopied()) {
      return refuse(
          Code.NOT_FROZEN, "not every image of stop " + ready.stop() + " was read to its end");
    }
    List<ImageDigest> images = outflow.images();
    if (!ImageDigest.same(images, ready.images())) {
      return refuse(Code.OTHER_IMAGES, "the destination's images are not the ones that were sent");
    }
    var receipt =
        new Receipt.Sealed(
            migration(), ready.stop(), ready.destination(), images, vcpus.held(), null);
    record(new Fact.Sealed(migration(), receipt), turn);
    tellSeal(turn);
    return Optional.empty();
  }

  private Optional<Refusal> unseal(Receipt.Voided voided, Turn turn) {
    Optional<Refusal> refused = right.unseals(voided);
    if (refused.isPresent() || right.isHere()) {
      return refused;
    }
    record(new Fact.Unsealed(migration(), voided), turn);
    head(Goal.RUNNING, turn);
    return Optional.empty();
  }

  /** What a void receipt would do, on the word of an operator. The word is on disk first. */
  private Optional<Refusal> reclaim(Request.Reclaim r, Turn turn) {
    Optional<Refusal> refused = right.reclaims(r.stop(), r.destination());
    if (refused.isPresent() || right.isHere()) {
      return refused;
    }
    var receipt = new Receipt.Reclaimed(migration(), r.stop(), r.destination(), r.word());
    record(new Fact.Reclaimed(migration(), receipt), turn);
    head(Goal.RUNNING, turn);
    return Optional.empty();
  }

  private Optional<Refusal> giveBack(Turn turn) {
    boolean open = standing() != Standing.CLOSED;
    if (open && !right.mayReturn()) {
      return right.isSealed();
    }
    if (open && goal != Goal.RUNNING) {
      head(Goal.RUNNING, turn);
    }
    return Optional.empty();
  }

  private Optional<Refusal> release(Receipt.Started started, Turn turn) {
    boolean again = right.released() != null;
    Optional<Refusal> refused = again ? Optional.empty() : right.releases(started);
    if (again || refused.isPresent()) {
      return refused;
    }
    record(new Fact.Released(migration(), started), turn);
    set.retry(true, turn);
    return Optional.empty();
  }

  private Optional<Refusal> closeAtWord(Turn turn) {
    if (standing() == Standing.CLOSED) {
      return Optional.empty();
    }
    if (!runsHere()) {
      return refuse(Code.NOT_AT_REST, "the set does not run here; its devices cannot be let go");
    }
    close(turn);
    return Optional.empty();
  }

  private Optional<Refusal> closed() {
    return refuse(Code.CLAIM_CLOSED, migration() + " is closed on " + spec().self());
  }

  private void head(Goal next, Turn turn) {
    goal = next;
    set.retry(true, turn);
    if (next == Goal.RUNNING) {
      outflow.drop(turn);
      vcpus.forget();
    }
  }

  @Override
  PeerMessage.Word peer(PeerMessage message, Turn turn) {
    if (message instanceof PeerMessage.Settle settle) {
      settled(settle.receipt(), turn);
    }
    boolean reclaimed = right.reclaimed() != null && !voids(message);
    boolean gone =
        message instanceof PeerMessage.Inquire(MigrationId m, Stop asked)
            && !(goal.isOfAStop() && asked.equals(right.stop()));
    if (right.isHere() && (reclaimed || gone)) {
      return new Word(migration(), right.reclaimed(), PeerMessage.Standing.GONE);
    }
    boolean done = standing() != Standing.OPEN || (right.isHere() && voids(message));
    return new Word(
        migration(), right.seal(), done ? PeerMessage.Standing.DONE : PeerMessage.Standing.PENDING);
  }

  /** A void that finds no seal has nothing left to do. */
  private static boolean voids(PeerMessage message) {
    return message instanceof PeerMessage.Settle s && s.receipt() instanceof Receipt.Voided;
  }

  @Override
  void word(PeerMessage.Word word, Turn turn) {
    if (word.receipt() != null) {
      settled(word.receipt(), turn);
    }
  }

  private void settled(Receipt receipt, Turn turn) {
    switch (receipt) {
      case Receipt.Started r -> release(r, turn);
      case Receipt.Voided r -> {
        if (!right.isHere()) {
          unseal(r, turn);
        }
      }
      case Receipt.Adopted r -> yieldTo(r, turn);
      case Receipt.Ready _, Receipt.Sealed _, Receipt.Reclaimed _ -> {}
    }
  }

  /**
   * An operator kept the destination while this host could not be heard. Whatever goes on here
   * comes to a stand; the frozen state is kept until the start receipt, as after a seal.
   */
  private void yieldTo(Receipt.Adopted adopted, Turn turn) {
    boolean same = adopted.stop().equals(right.stop());
    if (same && right.isHere() && right.reclaimed() == null && standing() == Standing.OPEN) {
      record(new Fact.Yielded(migration(), adopted), turn);
      outflow.drop(turn);
      vcpus.forget();
    }
  }

  @Override
  void sent(Event.Sent done, Turn turn) {
    if (done.stop().equals(right.stop()) && goal == Goal.COPYING) {
      outflow.sent(done.device(), done.image());
    }
  }

  @Override
  void arrived(Event.Arrived arrived, Turn turn) {}

  /** A broken stream holds its device; the goal is then stuck, and whoever waits is told. */
  @Override
  void broke(Event.Broke broke, Turn turn) {
    if (goal != Goal.RUNNING) {
      outflow.broke(broke, set);
    }
  }

  /** The dead-man's switch; model: {@code S_LeaseExpires}. A sealed source is not concerned. */
  @Override
  void lapse(Turn turn) {
    boolean away = right.mayLapse() && goal != Goal.RUNNING && standing() == Standing.OPEN;
    if (away && silence(turn) >= leaseNanos()) {
      head(Goal.RUNNING, turn);
    }
  }

  @Override
  void ticked(Turn turn) {
    lapse(turn);
    boolean mine = right.isHere() && goal == Goal.RUNNING;
    boolean goes = mine || right.yielded() || right.released() != null;
    if (standing() != Standing.CLOSED && goes) {
      set.retry(false, turn);
    }
    boolean idle = mine && silence(turn) >= leaseNanos() * turn.timings().idleLeases();
    if (idle && standing() == Standing.OPEN && progress() == Progress.REACHED) {
      close(turn);
    }
    if (right.isPending() && turn.now() - toldAt >= turn.timings().peerNanos()) {
      tellSeal(turn);
    }
  }

  private void tellSeal(Turn turn) {
    toldAt = turn.now();
    Receipt.Sealed seal = right.seal();
    if (seal != null) {
      turn.then(new Effect.Tell(spec().peerUrl(), new PeerMessage.Settle(migration(), seal)));
    }
  }

  @Override
  void advance(Turn turn) {
    if (right.yielded() && !stands(turn)) {
      return;
    }
    if (right.released() != null) {
      clean(turn);
    } else if (right.mayMove() && !held(turn)) {
      goOn(turn);
      outflow.hold(set); // before the hops: whose stream is lost takes none
      // vCPUs stop first: a doorbell written to a quiesced device voids the guarantee
      if (goal != Goal.QUIESCED || guestIs(false, turn)) {
        set.drive(goal, this::mine, turn);
        outflow.flow(goal, set, right.stop(), turn); // after the hops: these are waited for
      }
      if (goal == Goal.RUNNING && right.stop() != null && set.reached(Goal.RUNNING)) {
        guestIs(true, turn);
      }
    }
  }

  /** Through the gates that are open, if that was asked for. Each is checked as for a request. */
  private void goOn(Turn turn) {
    if (onward && goal == Goal.QUIESCED && quiesced()) {
      head(Goal.FROZEN, turn);
    }
    if (onward && goal == Goal.FROZEN && progress() == Progress.REACHED) {
      head(Goal.COPYING, turn);
    }
  }

  /**
   * Before the first stop this claim can only have brought a device to PRE_COPY; anything else it
   * found so.
   */
  private boolean mine(DeviceName name) {
    return goal != Goal.RUNNING || right.stop() != null || set.state(name) == DeviceState.PRE_COPY;
  }

  /** After the release nothing here runs again: end the sessions, wipe the devices, let them go. */
  private void clean(Turn turn) {
    set.drive(Goal.STOPPED, n -> set.state(n) == DeviceState.STOP_COPY, turn);
    set.reset(state -> state != DeviceState.STOP_COPY && state != DeviceState.UNKNOWN, turn);
    if (set.allBlank()) {
      close(turn);
    }
  }

  private boolean isCopied() {
    return goal == Goal.COPYING
        && vcpus.state().isStill()
        && set.reached(goal)
        && outflow.allSent(set);
  }

  private boolean quiesced() {
    return vcpus.isPaused() && set.isSilent() && !outflow.isBroken();
  }

  private boolean runsHere() {
    return right.isHere() && goal == Goal.RUNNING && progress() == Progress.REACHED;
  }

  @Override
  Progress progress() {
    if (standing() == Standing.CLOSED || right.isPending()) {
      return Progress.REACHED;
    }
    if (right.released() != null) {
      return Progress.MOVING;
    }
    boolean there = set.isWellAt(goal) && !outflow.isBroken();
    boolean reached =
        switch (goal) {
          case QUIESCED -> quiesced();
          case COPYING -> isCopied();
          case FROZEN -> vcpus.state().isStill() && there;
          case RUNNING -> set.reached(goal) && (right.stop() == null || vcpus.letOrGone());
          default -> there;
        };
    if (reached) {
      return Progress.REACHED;
    }
    boolean moving = set.moving() || vcpus.awaited() || outflow.flowing(set);
    return moving ? Progress.MOVING : Progress.STUCK;
  }

  @Override
  @Nullable Stop stop() {
    return right.stop();
  }

  @Override
  List<Receipt> receipts() {
    return right.receipts().toList();
  }
}
