package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What a source does with no orchestrator: leases, repeats, restarts, and the other agent's word.
 */
class SourceAloneTest {
  private static final long PEER = Lone.TIMINGS.peerNanos();

  private final Lone a = Lone.source();

  @Test
  void theLeaseEndsAtItsVeryLastNanosecond() {
    frozen();
    assertEquals(List.of(), Lone.in(a.after(Lone.LEASE - 1), Effect.Move.class));
    assertEquals(Goal.FROZEN, a.report().goal());
    a.after(1);
    assertEquals(Goal.RUNNING, a.report().goal());
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
    assertEquals(GuestState.RUNNING, a.report().guest());
  }

  @Test
  void everyRequestThatIsObeyedBeginsTheLeaseAnew() {
    frozen();
    a.now += Lone.LEASE - 1;
    a.taken(new Request.Renew(a.header()));
    a.after(Lone.LEASE - 1);
    assertEquals(Goal.FROZEN, a.report().goal());
    a.epoch = 0;
    a.refused(Code.STALE_EPOCH, new Request.Renew(a.header()));
    a.after(1);
    assertEquals(Goal.RUNNING, a.report().goal(), "one that is refused does not");
  }

  @Test
  void aSealedSourceHasNoLease() {
    sealed();
    a.after(100 * Lone.LEASE);
    assertEquals(Goal.COPYING, a.report().goal());
    assertEquals(List.of(), a.wants(Effect.Move.class));
  }

  @Test
  void aClaimWhoseSetRunsAndOfWhichNobodySpeaksClosesItselfAfterItsLeases() {
    claimed();
    long idle = Lone.LEASE * Lone.TIMINGS.idleLeases();
    a.after(idle - 1);
    assertEquals(Standing.OPEN, a.report().standing());
    a.after(1);
    assertEquals(Standing.CLOSED, a.report().standing());
    assertEquals(1, a.facts(Fact.Closed.class).size());
    a.after(1);
    assertEquals(1, a.facts(Fact.Closed.class).size());
  }

  @Test
  void aClaimWhoseSetIsNotBackYetStaysOpen() {
    frozen();
    a.after(Lone.LEASE);
    a.after(Lone.LEASE * Lone.TIMINGS.idleLeases());
    assertEquals(Standing.OPEN, a.report().standing(), "its hops never ended");
  }

  @Test
  void theSealIsToldAgainAfterAPauseUntilItIsSettled() {
    sealed();
    assertEquals(List.of(), Lone.told(a.after(PEER - 1)));
    var seal = a.receipts(Receipt.Sealed.class).getFirst();
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, seal)), Lone.told(a.after(1)));
    assertEquals(List.of(), Lone.told(a.tick()));
    assertEquals(1, Lone.told(a.after(PEER)).size());
    a.word(started(), PeerMessage.Standing.PENDING);
    assertEquals(List.of(), Lone.told(a.after(PEER)), "it has been released");
  }

  @Test
  void anUnsealedSourceTellsNobodyAnything() {
    copied();
    assertEquals(List.of(), Lone.told(a.after(2 * PEER)));
  }

  @Test
  void aHopBackThatFailedIsTriedAgainAfterItsPause() {
    frozen();
    a.taken(new Request.Return(a.header()));
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.effects.clear();
    a.moves(moves.getFirst(), DeviceState.STOP);
    assertEquals(List.of(), Lone.in(a.after(199), Effect.Move.class));
    assertEquals(List.of(moves.getFirst()), Lone.in(a.after(1), Effect.Move.class));
  }

  /** Forward nothing is tried again unasked: whoever waits has to know and to decide. */
  @Test
  void aHopForwardThatFailedWaitsForAWord() {
    quiesced();
    a.taken(new Request.Freeze(a.header(), a.stop()));
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.effects.clear();
    a.moves(moves.getFirst(), DeviceState.RUNNING_P2P);
    a.moves(moves.getLast(), DeviceState.STOP);
    assertEquals(List.of(), Lone.in(a.after(1_000), Effect.Move.class));
    assertEquals(Progress.STUCK, a.report().progress());
    a.taken(new Request.Freeze(a.header(), a.stop()));
    assertEquals(List.of(moves.getFirst()), a.wants(Effect.Move.class));
  }

  @Test
  void anAskedReleaseThatFailedIsTriedAgainAfterItsPause() {
    sealed();
    a.hears(started());
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.effects.clear();
    a.moves(moves.getFirst(), DeviceState.STOP_COPY);
    assertEquals(List.of(moves.getFirst()), Lone.in(a.after(200), Effect.Move.class));
  }

  @Test
  void theOtherAgentsReceiptsCountLikeTheOrchestrators() {
    sealed();
    var voided = new Receipt.Voided(Lone.ID, a.stop(), Lone.B);
    PeerMessage.Word word = a.hears(voided);
    assertEquals(PeerMessage.Standing.DONE, word.standing());
    assertNull(word.receipt());
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
    assertEquals(PeerMessage.Standing.DONE, a.hears(voided).standing(), "said twice");
    assertEquals(1, a.facts(Fact.Unsealed.class).size());
  }

  @Test
  void aSealedSourceAnswersWithItsSealUntilItHasLetGo() {
    sealed();
    var seal = a.receipts(Receipt.Sealed.class).getFirst();
    var pending = new PeerMessage.Word(Lone.ID, seal, PeerMessage.Standing.PENDING);
    assertEquals(pending, a.hears(inquiry(a.stop())));
    var elsewhere = new Receipt.Started(Lone.ID, a.stop(), new HostName("host-c"));
    assertEquals(pending, a.hears(elsewhere));
    var done = new PeerMessage.Word(Lone.ID, seal, PeerMessage.Standing.DONE);
    assertEquals(done, a.hears(started()), "the release is on disk");
    a.obey();
    assertEquals(Standing.CLOSED, a.report().standing());
    assertEquals(done, a.hears(started()));
  }

  @Test
  void aStopIsWantedOnlyWhileTheSetIsUnderIt() {
    var pending = new PeerMessage.Word(Lone.ID, null, PeerMessage.Standing.PENDING);
    var gone = new PeerMessage.Word(Lone.ID, null, PeerMessage.Standing.GONE);
    copying();
    Stop stop = a.stop();
    assertEquals(pending, a.hears(inquiry(stop)));
    assertEquals(gone, a.hears(inquiry(new Stop("x", 9))));
    a.taken(new Request.Return(a.header()));
    assertEquals(gone, a.hears(inquiry(stop)), "it is going back");
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(pending, a.hears(inquiry(a.stop())));
    assertEquals(gone, a.hears(inquiry(stop)), "it is under another stop");
  }

  @Test
  void aReclaimedSourceSaysSoWhateverItIsAsked() {
    sealed();
    Stop stop = a.stop();
    a.taken(new Request.Reclaim(a.header(), stop, Lone.B, Lone.WORD));
    var reclaimed = a.receipts(Receipt.Reclaimed.class).getFirst();
    var gone = new PeerMessage.Word(Lone.ID, reclaimed, PeerMessage.Standing.GONE);
    assertEquals(gone, a.hears(inquiry(stop)));
    assertEquals(gone, a.hears(started()));
    assertEquals(
        PeerMessage.Standing.DONE,
        a.hears(new Receipt.Voided(Lone.ID, stop, Lone.B)).standing(),
        "a void that finds no seal has nothing left to do");
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  @Test
  void aDestinationThatWasKeptTakesTheRightFromASetThatRunsHere() {
    copying();
    Stop stop = a.stop();
    a.taken(new Request.Return(a.header()));
    a.obey();
    a.effects.clear();
    var adopted = new Receipt.Adopted(Lone.ID, stop, Lone.B, Lone.WORD);
    a.hears(adopted);
    assertEquals(List.of(new Fact.Yielded(Lone.ID, adopted)), a.facts(Fact.Yielded.class));
    assertEquals(Goal.FROZEN, a.report().goal());
    assertEquals(1, a.wants(Effect.DropStreams.class).size());
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.SOURCE, false)), a.wants(Effect.Guest.class));
    assertEquals(List.of(), a.wants(Effect.Move.class), "the guest first");
    a.obey();
    assertEquals(Set.of(DeviceState.STOP), states());
    a.hears(adopted);
    assertEquals(1, a.facts(Fact.Yielded.class).size());
    a.word(started(), PeerMessage.Standing.PENDING);
    a.obey();
    assertEquals(Standing.CLOSED, a.report().standing());
  }

  /** A second answer to an older question about the guest must not count for the new one. */
  @Test
  void aSetThatYieldsWhileItsGuestWasJustLetRunAsksForAPauseAgain() {
    copying();
    Stop stop = a.stop();
    a.taken(new Request.Return(a.header()));
    while (a.wants(Effect.Guest.class).isEmpty()) {
      List<Effect.Move> moves = a.wants(Effect.Move.class);
      a.effects.clear();
      moves.forEach(move -> a.moves(move, move.hop().to()));
    }
    a.effects.clear();
    a.hears(new Receipt.Adopted(Lone.ID, stop, Lone.B, Lone.WORD));
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.SOURCE, false)), a.wants(Effect.Guest.class));
    a.guest(GuestState.RUNNING); // the answer to the question before
    assertEquals(List.of(), a.wants(Effect.Move.class));
    a.guest(GuestState.PAUSED);
    assertEquals(2, a.wants(Effect.Move.class).size());
  }

  @Test
  void aHopThatFailsWhileTheSetYieldsIsTriedAgain() {
    copying();
    Stop stop = a.stop();
    a.taken(new Request.Return(a.header()));
    a.obey();
    a.hears(new Receipt.Adopted(Lone.ID, stop, Lone.B, Lone.WORD));
    a.guest(GuestState.PAUSED);
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.effects.clear();
    a.moves(moves.getFirst(), DeviceState.RUNNING);
    a.moves(moves.getLast(), DeviceState.RUNNING_P2P);
    assertEquals(List.of(moves.getFirst()), Lone.in(a.after(200), Effect.Move.class));
  }

  @Test
  void aFrozenSetThatYieldsStaysAsItIs() {
    copying();
    a.hears(new Receipt.Adopted(Lone.ID, a.stop(), Lone.B, Lone.WORD));
    assertEquals(Goal.COPYING, a.report().goal());
    a.obey();
    assertEquals(Set.of(DeviceState.STOP_COPY), states());
  }

  @Test
  void anAdoptionOfAnotherStopChangesNothing() {
    copying();
    a.hears(new Receipt.Adopted(Lone.ID, new Stop("x", 9), Lone.B, Lone.WORD));
    assertEquals(List.of(), a.facts(Fact.Yielded.class));
  }

  @Test
  void aSourceThatRestartsAsksBeforeItMovesAndTakesTheFirstAnswer() {
    frozen();
    Stop stop = a.stop();
    Turn turn = a.restart();
    assertEquals(List.of(inquiry(stop)), Lone.told(turn));
    a.obey();
    assertEquals(Set.of(DeviceState.STOP), states(), "it may have been given away");
    a.word(null, PeerMessage.Standing.PENDING);
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  @Test
  void aSourceThatRestartsAndHearsNothingWaitsOneLease() {
    frozen();
    a.restart();
    a.obey();
    a.after(Lone.LEASE - 1);
    assertEquals(List.of(), a.wants(Effect.Move.class));
    a.after(1);
    assertEquals(2, a.wants(Effect.Move.class).size());
  }

  @Test
  void aSourceThatNeverStoppedAsksNobodyWhenItRestarts() {
    claimed();
    assertEquals(List.of(), Lone.told(a.restart()));
  }

  @Test
  void aSealedSourceThatRestartsHoldsStill() {
    sealed();
    Turn turn = a.restart();
    assertTrue(Lone.told(turn).stream().noneMatch(PeerMessage.Inquire.class::isInstance));
    a.obey();
    assertEquals(Goal.COPYING, a.report().goal());
    assertEquals(Set.of(DeviceState.STOP_COPY), states());
    assertEquals(1, Lone.told(a.after(PEER)).size(), "it tells its seal again");
  }

  /** What it was sealed for may run elsewhere; what somebody else did to a device is not undone. */
  @Test
  void aSealedSourcePlansNoHopWhereverItsDevicesAreFound() {
    sealed();
    a.devices.put(Lone.NIC, DeviceState.RUNNING);
    a.restart();
    a.looks(Lone.GPU);
    a.looks(Lone.NIC);
    assertEquals(List.of(), a.wants(Effect.Move.class));
    assertEquals(List.of(), a.wants(Effect.OpenStream.class), "nor is an image read again");
    assertEquals(List.of(), a.wants(Effect.FinishStream.class));
  }

  @Test
  void aReleasedSourceThatRestartsGoesOnLettingGo() {
    sealed();
    a.hears(started());
    a.restart();
    assertEquals(Goal.STOPPED, a.report().goal());
    assertEquals(Standing.RELEASED, a.report().standing());
    a.obey();
    assertEquals(Standing.CLOSED, a.report().standing());
  }

  @Test
  void aReclaimedSourceThatRestartsRunsWithoutAsking() {
    sealed();
    a.taken(new Request.Reclaim(a.header(), a.stop(), Lone.B, Lone.WORD));
    Turn turn = a.restart();
    assertEquals(List.of(), Lone.told(turn));
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  @Test
  void aClosedClaimIsNotWokenByARestart() {
    claimed();
    a.taken(new Request.Close(a.header()));
    Turn turn = a.restart();
    assertEquals(List.of(), turn.effects());
    assertEquals(List.of(), turn.facts());
    assertEquals(Standing.CLOSED, a.report().standing());
    assertEquals(Progress.REACHED, a.report().progress());
  }

  private PeerMessage inquiry(Stop stop) {
    return new PeerMessage.Inquire(Lone.ID, stop);
  }

  private Receipt.Started started() {
    return new Receipt.Started(Lone.ID, a.stop(), Lone.B);
  }

  private void claimed() {
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
  }

  private void quiesced() {
    claimed();
    a.taken(new Request.Quiesce(a.header()));
    a.obey();
  }

  private void frozen() {
    quiesced();
    a.taken(new Request.Freeze(a.header(), a.stop()));
    a.obey();
  }

  private void copying() {
    frozen();
    a.taken(new Request.Copy(a.header(), a.stop()));
    a.obey();
  }

  private void copied() {
    copying();
    a.imagesFlow(a.stop());
  }

  private void sealed() {
    copied();
    var ready = new Receipt.Ready(Lone.ID, a.stop(), Lone.B, a.images());
    a.taken(new Request.Seal(a.header(), ready));
    a.effects.clear();
  }

  private Set<DeviceState> states() {
    return new TreeSet<>(a.devices.values());
  }
}
