package io.fermata.handover;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What source and destination have in common: one claim on one host, its promise of epochs, its
 * devices, its goal, and the requests that wait for the goal. A claim is driven by events and owns
 * nothing outside itself.
 *
 * <p>Every event ends in {@link #settle}: take what the new knowledge allows, then answer whoever
 * waited for it.
 */
public abstract sealed class Claim permits Source, Destination {
  private final MigrationId migration;
  private final Side side;
  private final ClaimSpec spec;
  private final List<Waiting> waiting = new ArrayList<>();
  final ClaimedSet set;
  final Vcpus vcpus;

  private Epoch promised;
  private Standing standing = Standing.OPEN;
  private long heardAt;
  private long reports;
  Goal goal;
  private long heldUntil;
  private boolean stands;

  Claim(Fact.Claimed claimed, ClaimedSet set, Goal goal, long now) {
    this.migration = claimed.migration();
    this.side = claimed.side();
    this.spec = claimed.spec();
    this.promised = claimed.epoch();
    this.set = set;
    this.vcpus = new Vcpus(claimed);
    this.goal = goal;
    this.heardAt = now;
  }

  /** The migration that this claim is part of. */
  public final MigrationId migration() {
    return migration;
  }

  /** What the claim is about. */
  public final ClaimSpec spec() {
    return spec;
  }

  /** Whether the claim still holds its devices. */
  public final boolean holdsDevices() {
    return standing != Standing.CLOSED;
  }

  /** Which end of the hand-over this is. */
  public final Side side() {
    return side;
  }

  /** Takes one event. */
  public final void on(Event event, Turn turn) {
    switch (event) {
      case Event.Asked asked -> asked(asked, turn);
      case Event.PeerAsked asked ->
          turn.then(new Effect.ReplyPeer(asked.ticket(), peer(asked.message(), turn)));
      case Event.PeerAnswered answered -> {
        heldUntil = 0;
        word(answered.word(), turn);
      }
      case Event.HopEnded ended -> set.ended(ended.report(), turn);
      case Event.Looked looked -> set.looked(looked.device(), looked.state(), turn);
      case Event.GuestIs is -> vcpus.answered(is);
      case Event.GuestSeen seen -> vcpus.seen(seen.state());
      case Event.Sent sent -> sent(sent, turn);
      case Event.Arrived arrived -> arrived(arrived, turn);
      case Event.Flowed flowed -> set.flowed(flowed);
      case Event.Broke broke -> broke(broke, turn);
    }
    settle(turn);
  }

  /**
   * Time has passed: calls may be overdue, the lease may have ended, a receipt may be due again.
   */
  public final void tick(Turn turn) {
    set.overdue(turn);
    ticked(turn);
    settle(turn);
  }

  /**
   * Whether time does nothing to it: it is over, nobody waits for it, no call is out. A destination
   * that was kept on an operator's word still tells the source.
   */
  final boolean rests() {
    return standing == Standing.CLOSED
        && waiting.isEmpty()
        && !set.moving()
        && receipts().stream().noneMatch(r -> r instanceof Receipt.Adopted);
  }

  /** Puts a fact of the slate back after a restart, without effects. */
  final void restore(Fact fact) {
    switch (fact) {
      case Fact.Promised p -> promised = p.epoch();
      case Fact.Closed c -> standing = Standing.CLOSED;
      default -> apply(fact);
    }
  }

  /** After the slate was read: look at every device, and take up what the facts demand. */
  final void wake(Turn turn) {
    if (standing != Standing.CLOSED) {
      set.lookAtAll(turn);
      woken(turn);
    }
  }

  private void asked(Event.Asked asked, Turn turn) {
    Request request = asked.request();
    Optional<Refusal> refusal = fence(request, turn);
    if (refusal.isEmpty()) {
      lapseFirst(turn);
      heardAt = turn.now();
      refusal = take(request, turn);
    }
    if (refusal.isPresent()) {
      answer(asked, refusal.get(), turn);
      return;
    }
    long until = turn.now() + request.header().awaitMillis() * 1_000_000;
    waiting.add(new Waiting(asked, awaited(request), until));
  }

  /** Before the silence is broken: a renewal never revives a lease. */
  private void lapseFirst(Turn turn) {
    lapse(turn);
  }

  /**
   * A destination that is ready to load goes on by itself, and so may a source at its gates: who
   * asked for a goal that lies behind it waits for nothing more.
   */
  private Goal awaited(Request request) {
    return switch (request) {
      case Request.ClaimDestination r -> Goal.RESUMING;
      case Request.Quiesce r -> Goal.QUIESCED;
      case Request.Freeze r -> Goal.FROZEN;
      default -> goal;
    };
  }

  /** Model: {@code Passes}. Epochs keep order; a promise is on disk before the answer. */
  private Optional<Refusal> fence(Request request, Turn turn) {
    Epoch epoch = request.header().epoch();
    return switch (promised.of(epoch)) {
      case CURRENT -> Optional.empty();
      case NEWER -> {
        turn.record(new Fact.Promised(migration, epoch));
        promised = epoch;
        yield Optional.empty();
      }
      case STALE ->
          refuse(Refusal.Code.STALE_EPOCH, "epoch " + epoch + " is below the promised " + promised);
      case RIVAL ->
          refuse(
              Refusal.Code.RIVAL_EPOCH,
              "epoch " + promised + " is promised to another owner than " + epoch);
    };
  }

  private void settle(Turn turn) {
    if (standing != Standing.CLOSED) {
      advance(turn);
    }
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting w = each.next();
      if (progress() != Progress.MOVING || w.goal != goal || turn.now() >= w.until) {
        each.remove();
        answer(w.asked, null, turn);
      }
    }
  }

  private void answer(Event.Asked asked, @Nullable Refusal refusal, Turn turn) {
    Ticket ticket = asked.ticket();
    ClaimReport report = report(asked.request().header().hopsSeen());
    turn.then(
        new Effect.Reply(
            ticket, new Answer(refusal, report, turn.agent(), ticket.receivedNanos(), turn.now())));
  }

  /** The claim as it stands, with the hop reports after the first {@code hopsSeen}. */
  public final ClaimReport report(int hopsSeen) {
    List<HopReport> hops = set.hopsAfter(hopsSeen);
    return new ClaimReport(
        migration,
        side,
        ++reports,
        promised,
        standing,
        goal,
        progress(),
        vcpus.state(),
        stop(),
        receipts(),
        set.reports(),
        hops,
        set.hopCount(),
        vcpus.times());
  }

  /** The claim in a line, for whoever lost his own memory of it. */
  public final Remembered remembered() {
    List<String> kinds =
        receipts().stream().map(receipt -> receipt.getClass().getSimpleName()).sorted().toList();
    return new Remembered(
        migration,
        side,
        promised,
        standing,
        spec.vm(),
        spec.devices(),
        spec.self(),
        spec.peer(),
        stop(),
        kinds);
  }

  final Standing standing() {
    return standing;
  }

  final void standing(Standing next) {
    standing = next;
  }

  final void close(Turn turn) {
    turn.record(new Fact.Closed(migration));
    turn.then(new Effect.DropStreams(migration));
    standing = Standing.CLOSED;
  }

  /** Nanoseconds since an orchestrator was last obeyed. */
  final long silence(Turn turn) {
    return turn.now() - heardAt;
  }

  final long leaseNanos() {
    return spec.leaseMillis() * 1_000_000;
  }

  /** Records a fact and takes it in. Nothing leaves before the turn's facts are on disk. */
  final void record(Fact fact, Turn turn) {
    turn.record(fact);
    apply(fact);
  }

  /** Asks for the vCPUs to run or pause unless they do; whether they are known to. */
  final boolean guestIs(boolean run, Turn turn) {
    return vcpus.are(run, turn);
  }

  /**
   * After a restart: asks the other agent before a device moves, for at most a lease. An operator
   * may have decided about that stop while this host was away; one that moved first would run
   * beside the host that he kept.
   */
  final void inquire(Stop stop, Turn turn) {
    heldUntil = turn.now() + leaseNanos();
    turn.then(new Effect.Tell(spec.peerUrl(), new PeerMessage.Inquire(migration, stop)));
  }

  /** Whether the other agent was asked after a restart and may still answer. */
  final boolean held(Turn turn) {
    return turn.now() < heldUntil;
  }

  /**
   * Brings a set that lost its right to run to a stand: the guest first, then gate by gate. True
   * once nothing of it can change, and from then on.
   */
  final boolean stands(Turn turn) {
    if (!stands && !set.still() && guestIs(false, turn)) {
      set.drive(Goal.FROZEN, n -> true, turn);
    }
    stands |= set.still();
    return stands;
  }

  static Optional<Refusal> refuse(Refusal.Code code, String detail) {
    return Optional.of(new Refusal(code, detail));
  }

  final Optional<Refusal> wrongSide(Request request) {
    return refuse(
        Refusal.Code.WRONG_SIDE,
        request.getClass().getSimpleName()
            + " is not for a "
            + side
            + ", and "
            + migration
            + " is one here");
  }

  final boolean anyAt(DeviceState state) {
    return set.anyAt(s -> s == state);
  }

  /** Whether the goal is reached, with all that belongs to it beyond the hops. */
  abstract Progress progress();

  abstract @Nullable Stop stop();

  abstract List<Receipt> receipts();

  abstract void apply(Fact fact);

  abstract void woken(Turn turn);

  abstract Optional<Refusal> take(Request request, Turn turn);

  abstract PeerMessage.Word peer(PeerMessage message, Turn turn);

  abstract void word(PeerMessage.Word word, Turn turn);

  abstract void sent(Event.Sent sent, Turn turn);

  abstract void arrived(Event.Arrived arrived, Turn turn);

  abstract void broke(Event.Broke broke, Turn turn);

  /** Acts on a lease that has ended. */
  abstract void lapse(Turn turn);

  abstract void ticked(Turn turn);

  /** Takes whatever step the present knowledge allows. */
  abstract void advance(Turn turn);

  private record Waiting(Event.Asked asked, Goal goal, long until) {}
}
