package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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

/** What a destination does with no orchestrator: it asks, tells, gives up, and hears its source. */
class DestinationAloneTest {
  private static final Stop STOP = new Stop("slate", 1);
  private static final Stop LATER = new Stop("slate", 2);
  private static final long PEER = Lone.TIMINGS.peerNanos();
  private static final long RETRY = Lone.TIMINGS.retryNanos();

  private final Lone b = Lone.destination();

  @Test
  void aClaimWithoutACopyIsGivenUpAtTheEndOfItsLease() {
    claimed();
    Turn before = b.after(Lone.LEASE - 1);
    assertEquals(List.of(), before.facts());
    Turn turn = b.after(1);
    assertEquals(List.of(new Fact.Abandoned(Lone.ID)), turn.facts());
    assertEquals(1, Lone.in(turn, Effect.DropStreams.class).size());
    assertEquals(List.of(), b.after(1).facts(), "once");
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
  }

  @Test
  void aRenewalAfterTheLeaseComesTooLate() {
    claimed();
    b.now += Lone.LEASE;
    b.taken(new Request.Renew(b.header()));
    assertEquals(1, b.facts(Fact.Abandoned.class).size());
  }

  /** A seal may name it: from here on it may only ask. */
  @Test
  void aWholeCopyOutlivesItsLeaseAndAsksWhetherItIsWanted() {
    loaded();
    assertEquals(List.of(), Lone.told(b.after(Lone.LEASE - 1)));
    assertEquals(List.of(new PeerMessage.Inquire(Lone.ID, STOP)), Lone.told(b.after(PEER)));
    assertEquals(List.of(), Lone.told(b.after(PEER - 1)));
    assertEquals(1, Lone.told(b.after(1)).size());
    assertEquals(List.of(), b.facts(Fact.Abandoned.class));
    b.word(null, PeerMessage.Standing.PENDING);
    assertEquals(1, b.receipts(Receipt.Ready.class).size());
    b.word(null, PeerMessage.Standing.GONE);
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
  }

  /** The lease counts from the last request, and at its very end it asks. */
  @Test
  void itAsksAtTheVeryEndOfItsLease() {
    loaded();
    b.after(Lone.LEASE / 2);
    b.taken(new Request.Renew(b.header()));
    assertEquals(1, Lone.told(b.after(Lone.LEASE)).size());
  }

  @Test
  void aClaimThatHoldsNothingAsksNobody() {
    claimed();
    assertEquals(List.of(), Lone.told(b.after(Lone.LEASE)));
  }

  @Test
  void aSourceThatWantsNothingEndsAClaimWithoutACopy() {
    claimed();
    b.word(null, PeerMessage.Standing.GONE);
    assertEquals(1, b.facts(Fact.Abandoned.class).size());
  }

  @Test
  void aStartedSetIsNotEndedByASourceThatWantsNothing() {
    started();
    b.word(null, PeerMessage.Standing.GONE);
    assertEquals(List.of(), b.facts(Fact.Voided.class));
    assertEquals(List.of(), b.facts(Fact.Abandoned.class));
  }

  @Test
  void aSealThatTheSourceTellsStartsTheSet() {
    loaded();
    var settle = new PeerMessage.Settle(Lone.ID, seal(STOP));
    var pending = new PeerMessage.Word(Lone.ID, null, PeerMessage.Standing.PENDING);
    assertEquals(pending, b.hears(settle), "nothing has moved yet");
    assertEquals(List.of(new Fact.Started(Lone.ID, seal(STOP))), b.facts(Fact.Started.class));
    b.obey();
    var started = new Receipt.Started(Lone.ID, STOP, Lone.B);
    assertEquals(started, b.hears(settle).receipt());
    assertEquals(started, b.hears(new PeerMessage.Inquire(Lone.ID, STOP)).receipt());
    assertEquals(1, b.facts(Fact.Started.class).size());
  }

  @Test
  void aSealInAnAnswerStartsTheSetToo() {
    loaded();
    b.word(seal(STOP), PeerMessage.Standing.PENDING);
    assertEquals(1, b.facts(Fact.Started.class).size());
    b.word(seal(STOP), PeerMessage.Standing.PENDING);
    assertEquals(1, b.facts(Fact.Started.class).size());
  }

  @Test
  void aSealForACopyThatWasNeverWholeIsAnsweredByAVoid() {
    claimed();
    PeerMessage.Word word = b.hears(seal(STOP));
    var voided = new Receipt.Voided(Lone.ID, STOP, Lone.B);
    assertEquals(new PeerMessage.Word(Lone.ID, voided, PeerMessage.Standing.PENDING), word);
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
  }

  @Test
  void aSealForACopyThatWasGivenUpIsAnsweredByAVoid() {
    claimed();
    b.taken(new Request.VoidCopy(b.header(), null));
    b.obey();
    assertEquals(new Receipt.Voided(Lone.ID, STOP, Lone.B), b.hears(seal(STOP)).receipt());
  }

  /** It is whole, of another stop: the seal may belong to a copy that is still on its way. */
  @Test
  void aSealForAnotherStopThanTheWholeCopyVoidsNothing() {
    loaded();
    assertNull(b.hears(seal(LATER)).receipt());
    assertEquals(List.of(), b.facts(Fact.Voided.class));
    assertEquals(1, b.receipts(Receipt.Ready.class).size());
  }

  @Test
  void aSealForAnotherHostVoidsNothing() {
    claimed();
    var elsewhere = new Receipt.Sealed(Lone.ID, STOP, new HostName("host-c"), List.of());
    assertNull(b.hears(elsewhere).receipt());
    assertEquals(List.of(), b.facts(Fact.Voided.class));
  }

  @Test
  void aVoidIsToldAgainAfterAPauseUntilTheClaimIsClosed() {
    loaded();
    b.taken(new Request.VoidCopy(b.header(), STOP));
    b.effects.clear();
    b.after(PEER);
    var voided = new Receipt.Voided(Lone.ID, STOP, Lone.B);
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, voided)), Lone.told(b.after(PEER)));
    assertEquals(List.of(), Lone.told(b.after(PEER - 1)));
    assertEquals(1, Lone.told(b.after(1)).size());
    b.devices.replaceAll((name, state) -> DeviceState.RUNNING);
    b.devices.keySet().forEach(b::looks);
    assertEquals(Standing.CLOSED, b.report().standing());
    assertEquals(List.of(), Lone.told(b.after(2 * Lone.LEASE)), "who asks still hears it");
    assertEquals(voided, b.hears(seal(STOP)).receipt());
  }

  @Test
  void aStartIsToldAgainUntilTheSourceHasLetGo() {
    running();
    b.effects.clear();
    b.after(PEER);
    var started = new Receipt.Started(Lone.ID, STOP, Lone.B);
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, started)), Lone.told(b.after(PEER)));
    b.word(null, PeerMessage.Standing.DONE);
    assertEquals(List.of(), Lone.told(b.after(PEER)));
  }

  /** The source may come back at any time, unsealed: it has to hear who was kept. */
  @Test
  void anAdoptionIsToldOnceALeaseEvenAfterTheClaimIsClosed() {
    adopted();
    b.taken(new Request.Close(b.header()));
    b.after(Lone.LEASE);
    var adopted = b.receipts(Receipt.Adopted.class).getFirst();
    assertEquals(List.of(), Lone.told(b.after(Lone.LEASE - 1)));
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, adopted)), Lone.told(b.after(1)));
    b.word(null, PeerMessage.Standing.DONE);
    assertEquals(List.of(), Lone.told(b.after(2 * Lone.LEASE)), "it has heard it");
  }

  @Test
  void aClosedClaimThatNobodyAdoptedTellsNothing() {
    running();
    b.taken(new Request.Close(b.header()));
    assertEquals(List.of(), Lone.told(b.after(2 * Lone.LEASE)));
  }

  @Test
  void aSourceWithNoSealHearsOfTheAdoptionFirst() {
    adopted();
    var adopted = b.receipts(Receipt.Adopted.class).getFirst();
    assertEquals(adopted, b.hears(new PeerMessage.Inquire(Lone.ID, STOP)).receipt());
    var started = b.receipts(Receipt.Started.class).getFirst();
    assertEquals(started, b.hears(seal(STOP)).receipt(), "one that has is released by the start");
  }

  @Test
  void aFirstHopThatKeepsFailingIsTriedSoOftenAndThenTheStopIsGivenUp() {
    started();
    for (int round = 1; round < Lone.TIMINGS.startAttempts(); round++) {
      fails();
      assertEquals(List.of(), Lone.in(b.after(RETRY - 1), Effect.Move.class));
      assertEquals(2, Lone.in(b.after(1), Effect.Move.class).size(), "round " + round);
      assertEquals(List.of(), b.facts(Fact.Voided.class));
    }
    fails();
    Turn last = b.after(RETRY);
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), last.facts());
    assertEquals(List.of(), Lone.in(last, Effect.Move.class));
  }

  @Test
  void aSetOfWhichOneDeviceMovedIsTriedForEver() {
    started();
    for (int round = 0; round < 3 * Lone.TIMINGS.startAttempts(); round++) {
      for (Effect.Move move : moves()) {
        boolean first = move.device().equals(Lone.GPU);
        b.moves(move, first ? DeviceState.RUNNING_P2P : DeviceState.STOP);
      }
      b.after(RETRY);
    }
    assertEquals(List.of(), b.facts(Fact.Voided.class));
    assertEquals(Lone.NIC, b.wants(Effect.Move.class).getFirst().device());
  }

  @Test
  void ticksThatFindNothingFailedAreNoAttempts() {
    started();
    for (int i = 0; i < 10 * Lone.TIMINGS.startAttempts(); i++) {
      b.after(RETRY);
    }
    assertEquals(List.of(), b.facts(Fact.Voided.class));
  }

  @Test
  void aResetThatFailedIsTriedAgainAfterItsPause() {
    loaded();
    b.taken(new Request.VoidCopy(b.header(), STOP));
    b.effects.clear();
    b.devices.replaceAll((name, state) -> DeviceState.STOP);
    b.devices.keySet().forEach(b::looks);
    assertEquals("reset left it in STOP", b.device(Lone.GPU).trouble());
    assertEquals(List.of(), Lone.in(b.after(RETRY - 1), Effect.Reset.class));
    assertEquals(2, Lone.in(b.after(1), Effect.Reset.class).size());
  }

  @Test
  void aDeviceThatCannotBeReadIsNotReset() {
    claimed();
    b.devices.put(Lone.NIC, DeviceState.UNKNOWN);
    b.looks(Lone.NIC);
    b.taken(new Request.VoidCopy(b.header(), STOP));
    assertEquals(
        List.of(Lone.GPU), b.wants(Effect.Reset.class).stream().map(Effect.Reset::device).toList());
  }

  @Test
  void whatNeitherRunsNorVouchedIsSurrenderedOnAWord() {
    started();
    List<Effect.Move> moves = moves();
    b.refused(Code.OTHER_STOP, surrender(LATER), STOP);
    b.refused(Code.NOT_AT_REST, surrender(STOP), STOP);
    b.moves(moves.getFirst(), DeviceState.ERROR);
    b.moves(moves.getLast(), DeviceState.STOP);
    b.refused(Code.STARTED, new Request.VoidCopy(b.header(), STOP));
    Turn turn = b.on(new Event.Asked(surrender(STOP), new Ticket(7, 0)));
    assertEquals(List.of(new Fact.Overruled(Lone.ID, STOP, Lone.WORD)), turn.facts());
    assertEquals(1, Lone.in(turn, Effect.DropStreams.class).size());
    b.taken(surrender(STOP));
    assertEquals(1, b.facts(Fact.Overruled.class).size());
    b.after(RETRY);
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
    assertNull(b.claims.devices().get(Lone.GPU).vm());
  }

  @Test
  void whatWasNeverStartedIsSurrenderedLikeAVoid() {
    loaded();
    b.taken(surrender(STOP));
    b.taken(surrender(STOP));
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
    assertEquals(List.of(), b.facts(Fact.Overruled.class));
  }

  @Test
  void whatWasVouchedForIsNotSurrendered() {
    started();
    List<Effect.Move> moves = moves();
    b.moves(moves.getFirst(), DeviceState.RUNNING_P2P);
    b.moves(moves.getLast(), DeviceState.ERROR);
    b.refused(Code.STARTED, surrender(STOP), STOP, "vouched");
  }

  /** What it said before is forgotten: it may have said it. */
  @Test
  void whatWasStartedBeforeARestartMayHaveBeenVouchedFor() {
    started();
    b.restart();
    b.refused(Code.STARTED, surrender(STOP), STOP, "vouched");
  }

  @Test
  void aSourceThatTookTheRightBackEndsWhatRunsHere() {
    running();
    b.effects.clear();
    PeerMessage.Word word = b.hears(reclaimed(STOP));
    assertEquals(new Receipt.Voided(Lone.ID, STOP, Lone.B), word.receipt());
    var overruled = new Fact.Overruled(Lone.ID, STOP, Lone.WORD);
    assertEquals(List.of(overruled), b.facts(Fact.Overruled.class));
    assertEquals(1, b.wants(Effect.DropStreams.class).size());
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.DESTINATION, false)),
        b.wants(Effect.Guest.class));
    assertEquals(List.of(), b.wants(Effect.Move.class), "the guest first");
    assertEquals(List.of(), b.wants(Effect.Reset.class));
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
    assertEquals(GuestState.PAUSED, b.report().guest());
    b.hears(reclaimed(STOP));
    assertEquals(1, b.facts(Fact.Overruled.class).size());
  }

  /** The pause is asked for although the guest was asked to run a moment ago. */
  @Test
  void aSetThatIsEndedWhileItsGuestWasJustLetRunIsPausedFirst() {
    started();
    while (b.wants(Effect.Guest.class).isEmpty()) {
      moves().forEach(move -> b.moves(move, move.hop().to()));
    }
    b.effects.clear();
    b.word(reclaimed(STOP), PeerMessage.Standing.GONE);
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.DESTINATION, false)),
        b.wants(Effect.Guest.class));
  }

  @Test
  void aSourceThatTookTheRightBackEndsACopyThatWasNotStarted() {
    loaded();
    b.word(reclaimed(STOP), PeerMessage.Standing.PENDING);
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
    assertEquals(List.of(), b.facts(Fact.Overruled.class));
  }

  @Test
  void aWordAboutAnotherStopOrAnotherHostEndsNothing() {
    running();
    b.hears(reclaimed(LATER));
    b.hears(new Receipt.Reclaimed(Lone.ID, STOP, new HostName("host-c"), Lone.WORD));
    assertEquals(List.of(), b.facts(Fact.Overruled.class));
    assertEquals(List.of(), b.facts(Fact.Voided.class));
    assertEquals(Progress.REACHED, b.report().progress());
  }

  @Test
  void aWordAboutAnotherHostEndsNoCopyEither() {
    loaded();
    b.hears(new Receipt.Reclaimed(Lone.ID, STOP, new HostName("host-c"), Lone.WORD));
    assertEquals(1, b.receipts(Receipt.Ready.class).size());
  }

  @Test
  void aCopyThatWasNotStartedIsNotBelievedAfterARestart() {
    loaded();
    Turn turn = b.restart();
    assertEquals(List.of(new Fact.Abandoned(Lone.ID)), turn.facts());
    assertEquals(List.of(), Lone.told(turn));
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
    assertEquals(List.of(), b.restart().facts(), "once");
  }

  @Test
  void aStartedSetThatRestartsAsksBeforeItMoves() {
    started();
    Turn turn = b.restart();
    assertEquals(List.of(), turn.facts());
    assertEquals(List.of(new PeerMessage.Inquire(Lone.ID, STOP)), Lone.told(turn));
    assertEquals(Goal.RUNNING, b.report().goal());
    b.obey();
    assertEquals(Set.of(DeviceState.STOP), states());
    b.word(seal(STOP), PeerMessage.Standing.PENDING);
    b.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  @Test
  void anAdoptedSetThatRestartsRunsWithoutAsking() {
    loaded();
    b.taken(new Request.Adopt(b.header(), STOP, Lone.WORD));
    Turn turn = b.restart();
    assertEquals(List.of(), Lone.in(turn, Effect.Tell.class));
    b.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  /**
   * The kernel leaves it in RUNNING and blank: that is no start, and the source keeps its state.
   */
  @Test
  void aCopyThatSomebodyElseResetAfterTheStartIsGivenUp() {
    started();
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    moves.forEach(move -> b.moves(move, DeviceState.RUNNING));
    assertEquals(List.of(), b.receipts(Receipt.Started.class));
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
    b.after(RETRY);
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
  }

  /** One part was seen outside and the other is gone: the source keeps all until somebody rules. */
  @Test
  void aStartIsNotOwnedToBesideACopyThatSomebodyElseReset() {
    started();
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    b.moves(moves.getFirst(), DeviceState.RUNNING_P2P);
    assertEquals(List.of(), b.receipts(Receipt.Started.class), "the other is still out");
    b.moves(moves.getLast(), DeviceState.RUNNING);
    for (int i = 0; i < 20; i++) {
      b.after(RETRY);
      b.obey();
    }
    assertEquals(List.of(), b.receipts(Receipt.Started.class));
    assertEquals(List.of(), b.facts(Fact.Voided.class));
    assertEquals(Progress.STUCK, b.report().progress());
    assertEquals(DeviceState.RUNNING_P2P, b.device(Lone.GPU).state(), "nothing goes on");
  }

  private void claimed() {
    b.taken(new Request.ClaimDestination(b.header(), b.spec()));
    b.obey();
  }

  private void loaded() {
    claimed();
    b.imagesFlow(STOP);
    b.obey();
  }

  private void started() {
    loaded();
    b.taken(new Request.Start(b.header(), seal(STOP)));
  }

  private void running() {
    started();
    b.obey();
    assertEquals(Progress.REACHED, b.report().progress());
  }

  private void adopted() {
    loaded();
    b.taken(new Request.Adopt(b.header(), STOP, Lone.WORD));
    b.obey();
    assertEquals(Progress.REACHED, b.report().progress());
  }

  /** What is to be moved, taken from the list. */
  private List<Effect.Move> moves() {
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.removeIf(Effect.Move.class::isInstance);
    return moves;
  }

  private void fails() {
    moves().forEach(move -> b.moves(move, DeviceState.STOP));
  }

  private Request.Surrender surrender(Stop stop) {
    return new Request.Surrender(b.header(), stop, Lone.WORD);
  }

  private Receipt.Reclaimed reclaimed(Stop stop) {
    return new Receipt.Reclaimed(Lone.ID, stop, Lone.B, Lone.WORD);
  }

  private Receipt.Sealed seal(Stop stop) {
    return new Receipt.Sealed(Lone.ID, stop, Lone.B, b.images());
  }

  private Set<DeviceState> states() {
    return new TreeSet<>(b.devices.values());
  }
}
