package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What an orchestrator may ask of a source, in which order, and what it is told otherwise. */
class SourceRulesTest {
  private final Lone a = Lone.source();

  @Test
  void aClaimSaysItsWholeLifeWhatItWasMadeFor() {
    claimed();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    ClaimSpec fewer = a.spec(Lone.A, a.spec().devices().subList(0, 1));
    a.refused(Code.OTHER_SPEC, new Request.ClaimSource(a.header(), fewer), Lone.ID);
  }

  @Test
  void aClosedClaimIsNotOpenedAgain() {
    claimed();
    a.taken(new Request.Close(a.header()));
    assertEquals(Standing.CLOSED, a.report().standing());
    int before = a.slate.size();
    a.taken(new Request.Close(a.header()));
    a.taken(new Request.Return(a.header()));
    assertEquals(before, a.slate.size(), "what is closed is closed once");
    a.refused(Code.CLAIM_CLOSED, new Request.ClaimSource(a.header(), a.spec()), Lone.ID, Lone.A);
    a.refused(Code.CLAIM_CLOSED, new Request.PreCopy(a.header()), Lone.A);
    a.refused(Code.CLAIM_CLOSED, new Request.Quiesce(a.header()), Lone.A);
    a.refused(Code.CLAIM_CLOSED, new Request.Freeze(a.header(), new Stop("x", 1)), Lone.A);
    a.refused(Code.CLAIM_CLOSED, new Request.Copy(a.header(), new Stop("x", 1)), Lone.A);
    a.refused(Code.CLAIM_CLOSED, new Request.Seal(a.header(), ready(new Stop("x", 1))), Lone.A);
  }

  @Test
  void preCopyIsAskedForAsOftenAsOneLikes() {
    claimed();
    assertEquals(Progress.MOVING, a.taken(new Request.PreCopy(a.header())).progress());
    assertEquals(Progress.MOVING, a.taken(new Request.PreCopy(a.header())).progress());
    assertEquals(2, a.wants(Effect.Move.class).size(), "each device is asked once");
    a.obey();
    assertEquals(Set.of(DeviceState.PRE_COPY), states());
    assertEquals(Progress.REACHED, a.report().progress());
    a.taken(new Request.Quiesce(a.header()));
    a.refused(Code.WALKING_BACK, new Request.PreCopy(a.header()), Goal.QUIESCED);
  }

  @Test
  void aSetIsPreCopiedWhileItsGuestRunsAndItsStreamsAreOpen() {
    claimed();
    a.taken(new Request.PreCopy(a.header()));
    for (Effect.Move move : a.wants(Effect.Move.class)) {
      a.moves(move, DeviceState.PRE_COPY);
    }
    assertEquals(2, a.wants(Effect.OpenStream.class).size());
    assertEquals(List.of(), a.wants(Effect.FinishStream.class), "nothing is frozen yet");
    assertEquals(List.of(), a.wants(Effect.Guest.class));
    assertNull(a.report().stop());
  }

  @Test
  void quiescingTwiceIsOneStop() {
    claimed();
    a.taken(new Request.Quiesce(a.header()));
    Stop stop = a.stop();
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(stop, a.stop());
    a.obey();
    a.taken(new Request.Return(a.header()));
    a.refused(Code.WALKING_BACK, new Request.Freeze(a.header(), stop), stop);
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
    assertNotEquals(stop, a.stop());
  }

  @Test
  void theStopIsOnDiskBeforeTheGuestIsPausedAndTheGuestBeforeAnyDevice() {
    claimed();
    Turn turn = a.on(new Event.Asked(new Request.Quiesce(a.header()), new Ticket(7, 0)));
    assertEquals(1, turn.facts().stream().filter(Fact.Stopped.class::isInstance).count());
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.SOURCE, false)),
        Lone.in(turn, Effect.Guest.class));
    assertEquals(List.of(), a.wants(Effect.Move.class));
    Turn paused = a.guest(GuestState.PAUSED);
    assertEquals(2, Lone.in(paused, Effect.Move.class).size());
    assertEquals(List.of(), Lone.in(a.tick(), Effect.Guest.class), "it is asked once");
  }

  @Test
  void gateOneIsShutUntilGuestAndDevicesAreQuiet() {
    claimed();
    a.taken(new Request.Quiesce(a.header()));
    a.refused(Code.NOT_QUIESCED, freeze());
    a.guest(GuestState.PAUSED);
    a.refused(Code.NOT_QUIESCED, freeze());
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.moves(moves.getFirst(), DeviceState.RUNNING_P2P);
    assertEquals(Progress.MOVING, a.report().progress());
    a.refused(Code.NOT_QUIESCED, freeze());
    a.moves(moves.getLast(), DeviceState.RUNNING_P2P);
    assertEquals(Progress.REACHED, a.report().progress());
    a.taken(freeze());
    a.taken(freeze());
  }

  /** It cannot be quiet by itself: only its paused guest keeps it from being written to. */
  @Test
  void aLoneDeviceWithoutP2pIsQuietOnceItsGuestIsPaused() {
    Lone lone = Lone.of(Side.SOURCE, Capabilities.ofFlags(1), Lone.GPU);
    lone.taken(new Request.ClaimSource(lone.header(), lone.spec()));
    lone.obey();
    assertEquals(Progress.MOVING, lone.taken(new Request.Quiesce(lone.header())).progress());
    var freeze = new Request.Freeze(lone.header(), lone.stop());
    lone.refused(Code.NOT_QUIESCED, freeze);
    lone.guest(GuestState.PAUSED);
    assertEquals(Progress.REACHED, lone.report().progress());
    lone.taken(freeze);
  }

  @Test
  void aSetWithADeadDeviceNeitherStartsNorPassesGateOne() {
    a.devices.put(Lone.NIC, DeviceState.ERROR);
    claimed();
    a.refused(Code.DEVICE_NOT_RUNNING, new Request.PreCopy(a.header()));
    a.refused(Code.DEVICE_NOT_RUNNING, new Request.Quiesce(a.header()));
    a.devices.put(Lone.NIC, DeviceState.RUNNING);
    a.looks(Lone.NIC);
    a.taken(new Request.Quiesce(a.header()));
    a.guest(GuestState.PAUSED);
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.moves(moves.getFirst(), DeviceState.RUNNING_P2P);
    a.moves(moves.getLast(), DeviceState.ERROR);
    a.refused(Code.NOT_QUIESCED, freeze());
    assertEquals(Progress.STUCK, a.report().progress());
  }

  @Test
  void aSetThatIsNotReadAtRestIsNotStopped() {
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.refused(Code.DEVICE_NOT_RUNNING, new Request.Quiesce(a.header()));
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
  }

  @Test
  void gateTwoIsShutUntilEveryDeviceIsFrozen() {
    quiesced();
    a.refused(Code.NOT_FROZEN, copy());
    a.taken(freeze());
    a.refused(Code.NOT_FROZEN, copy());
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.moves(moves.getFirst(), DeviceState.STOP);
    a.refused(Code.NOT_FROZEN, copy());
    a.moves(moves.getLast(), DeviceState.STOP);
    a.taken(copy());
    a.taken(freeze()); // said again late: it is frozen already
    assertEquals(Goal.COPYING, a.report().goal());
    a.taken(copy());
    a.refused(Code.OTHER_STOP, new Request.Copy(a.header(), new Stop("x", 9)), "x/9", a.stop());
  }

  @Test
  void aFrozenSetIsNotStoppedAnew() {
    frozen();
    a.refused(Code.WALKING_BACK, new Request.Quiesce(a.header()), Goal.FROZEN);
    assertEquals(Goal.FROZEN, a.report().goal());
    assertEquals(Progress.REACHED, a.report().progress());
  }

  @Test
  void aFrozenSetWithADeadDeviceIsStuck() {
    quiesced();
    a.taken(freeze());
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.moves(moves.getFirst(), DeviceState.STOP);
    a.moves(moves.getLast(), DeviceState.ERROR);
    assertEquals(Progress.STUCK, a.report().progress());
  }

  @Test
  void imagesAreReadToTheirEndUnderTheStopOnceFrozen() {
    frozen();
    a.taken(copy());
    assertEquals(Progress.MOVING, a.report().progress());
    for (Effect.Move move : a.wants(Effect.Move.class)) {
      a.moves(move, DeviceState.STOP_COPY);
    }
    assertEquals(
        List.of(Lone.GPU, Lone.NIC),
        a.wants(Effect.FinishStream.class).stream().map(Effect.FinishStream::device).toList());
    assertEquals(a.stop(), a.wants(Effect.FinishStream.class).getFirst().stop());
    assertEquals(Progress.MOVING, a.report().progress(), "two images are on their way");
    a.refused(Code.NOT_FROZEN, new Request.Seal(a.header(), ready(a.stop())), a.stop());
    a.on(new Event.Sent(Lone.ID, Lone.GPU, a.stop(), Lone.image(Lone.GPU)));
    a.on(new Event.Sent(Lone.ID, Lone.NIC, new Stop("x", 9), Lone.image(Lone.NIC)));
    assertEquals(Progress.MOVING, a.report().progress(), "an image of another stop is none");
    a.on(new Event.Sent(Lone.ID, Lone.NIC, a.stop(), Lone.image(Lone.NIC)));
    assertEquals(Progress.REACHED, a.report().progress());
  }

  @Test
  void aBrokenStreamIsTroubleUntilItsImageIsOut() {
    copying();
    a.on(new Event.Sent(Lone.ID, Lone.GPU, a.stop(), Lone.image(Lone.GPU)));
    a.on(new Event.Broke(Lone.ID, Lone.GPU, "late"));
    assertNull(a.device(Lone.GPU).trouble(), "its image is whole");
    assertEquals(Progress.MOVING, a.report().progress());
    a.on(new Event.Broke(Lone.ID, Lone.NIC, "reset by peer"));
    assertEquals("reset by peer", a.device(Lone.NIC).trouble());
    assertEquals(Progress.STUCK, a.report().progress(), "whoever waits is told");
    a.taken(copy());
    assertEquals("reset by peer", a.device(Lone.NIC).trouble(), "nothing brings it back");
  }

  @Test
  void aStreamThatBreaksWhileTheSetRunsIsNoTrouble() {
    claimed();
    a.on(new Event.Broke(Lone.ID, Lone.NIC, "late"));
    assertNull(a.device(Lone.NIC).trouble());
  }

  @Test
  void theSealIsForTheImagesThatWereSent() {
    copied();
    var other = new ImageDigest(Lone.GPU, 1, "another");
    var images = List.of(other, Lone.image(Lone.NIC));
    var forged = new Receipt.Ready(Lone.ID, a.stop(), Lone.B, images);
    a.refused(Code.OTHER_IMAGES, new Request.Seal(a.header(), forged));
    assertEquals(List.of(), a.receipts(Receipt.Sealed.class));
  }

  @Test
  void theSealIsOnDiskBeforeTheDestinationHearsOfIt() {
    copied();
    var request = new Request.Seal(a.header(), ready(a.stop()));
    Turn turn = a.on(new Event.Asked(request, new Ticket(7, 0)));
    var seal = new Receipt.Sealed(Lone.ID, a.stop(), Lone.B, a.images());
    assertEquals(List.of(new Fact.Sealed(Lone.ID, seal)), turn.facts());
    var tell = Lone.in(turn, Effect.Tell.class).getFirst();
    assertEquals("http://host-b", tell.peerUrl());
    assertEquals(List.of(seal), a.receipts(Receipt.Sealed.class));
    assertEquals(Progress.REACHED, a.report().progress());
  }

  @Test
  void aSealedSourceTakesNothingThatMovesIt() {
    sealed();
    Stop stop = a.stop();
    for (Request request :
        List.of(
            new Request.PreCopy(a.header()),
            new Request.Quiesce(a.header()),
            new Request.Freeze(a.header(), stop),
            new Request.Copy(a.header(), stop),
            new Request.Return(a.header()))) {
      a.refused(Code.SEALED, request, stop, Lone.B);
    }
    a.refused(Code.NOT_AT_REST, new Request.Close(a.header()));
    var elsewhere = new Receipt.Voided(Lone.ID, stop, new HostName("host-c"));
    a.refused(Code.SEALED, new Request.Unseal(a.header(), elsewhere));
    var other = new Receipt.Voided(Lone.ID, new Stop("x", 9), Lone.B);
    a.refused(Code.SEALED, new Request.Unseal(a.header(), other));
    var stranger = new Receipt.Started(Lone.ID, stop, new HostName("host-c"));
    a.refused(Code.SEALED, new Request.Release(a.header(), stranger));
    assertEquals(Set.of(DeviceState.STOP_COPY), states());
  }

  @Test
  void anUnsealedSetWalksBackAndItsGuestRunsLast() {
    sealed();
    var voided = new Receipt.Voided(Lone.ID, a.stop(), Lone.B);
    a.taken(new Request.Unseal(a.header(), voided));
    a.taken(new Request.Unseal(a.header(), voided));
    assertEquals(1, a.facts(Fact.Unsealed.class).size());
    assertEquals(List.of(), a.wants(Effect.Guest.class));
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
    assertEquals(GuestState.RUNNING, a.report().guest());
    var late = new Receipt.Voided(Lone.ID, new Stop("x", 9), Lone.B);
    a.refused(Code.NOT_SEALED, new Request.Unseal(a.header(), late), "x/9");
    var started = new Receipt.Started(Lone.ID, a.stop(), Lone.B);
    a.refused(Code.NOT_SEALED, new Request.Release(a.header(), started), Lone.B);
  }

  @Test
  void aWayBackDropsTheStreams() {
    copying();
    Turn turn = a.on(new Event.Asked(new Request.Return(a.header()), new Ticket(7, 0)));
    assertEquals(1, Lone.in(turn, Effect.DropStreams.class).size());
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
    Turn again = a.on(new Event.Asked(new Request.Return(a.header()), new Ticket(8, 0)));
    assertEquals(List.of(), Lone.in(again, Effect.DropStreams.class), "it is back already");
  }

  @Test
  void aReleasedSetIsWipedAndItsDevicesAreFree() {
    sealed();
    var started = new Receipt.Started(Lone.ID, a.stop(), Lone.B);
    assertEquals(Standing.RELEASED, a.taken(new Request.Release(a.header(), started)).standing());
    assertEquals(Progress.MOVING, a.report().progress());
    assertEquals(Goal.STOPPED, a.report().goal());
    assertEquals(List.of(started), a.receipts(Receipt.Started.class));
    a.taken(new Request.Release(a.header(), started));
    assertEquals(1, a.facts(Fact.Released.class).size());
    a.refused(Code.RELEASED, new Request.Quiesce(a.header()), Lone.B);
    for (Effect.Move move : a.wants(Effect.Move.class)) {
      assertEquals(new Hop(DeviceState.STOP_COPY, DeviceState.STOP), move.hop());
      assertEquals(List.of(), a.wants(Effect.Reset.class), "its session goes on");
      a.moves(move, DeviceState.STOP);
      assertEquals(1, a.wants(Effect.Reset.class).size());
      a.effects.removeIf(Effect.Reset.class::isInstance);
      assertEquals(Standing.RELEASED, a.report().standing());
      a.devices.put(move.device(), DeviceState.RUNNING);
      a.looks(move.device());
    }
    assertEquals(Standing.CLOSED, a.report().standing());
    assertEquals(Progress.REACHED, a.report().progress());
    assertNull(a.claims.devices().get(Lone.GPU).vm());
    assertEquals(1, a.facts(Fact.Closed.class).size());
  }

  @Test
  void aReleasedDeviceThatCannotBeReadIsNotReset() {
    sealed();
    var started = new Receipt.Started(Lone.ID, a.stop(), Lone.B);
    a.taken(new Request.Release(a.header(), started));
    Effect.Move move = a.wants(Effect.Move.class).getFirst();
    a.moves(move, DeviceState.UNKNOWN);
    a.after(Lone.TIMINGS.retryNanos());
    a.looks(move.device());
    assertEquals(DeviceState.UNKNOWN, a.device(move.device()).state());
    assertEquals(List.of(), a.wants(Effect.Reset.class));
  }

  @Test
  void aSetIsLetGoOnlyWhereItRuns() {
    frozen();
    a.refused(Code.NOT_AT_REST, new Request.Close(a.header()));
    a.taken(new Request.Return(a.header()));
    a.refused(Code.NOT_AT_REST, new Request.Close(a.header()));
    a.effects.removeIf(Effect.Guest.class::isInstance);
    for (int i = 0; i < 2; i++) {
      List<Effect.Move> moves = a.wants(Effect.Move.class);
      a.effects.clear();
      moves.forEach(move -> a.moves(move, move.hop().to()));
    }
    assertEquals(Set.of(DeviceState.RUNNING), states());
    assertEquals(Progress.MOVING, a.report().progress(), "the guest was asked to run");
    a.refused(Code.NOT_AT_REST, new Request.Close(a.header()));
    a.guest(GuestState.RUNNING);
    assertEquals(Progress.REACHED, a.report().progress());
    Turn turn = a.on(new Event.Asked(new Request.Close(a.header()), new Ticket(9, 0)));
    assertEquals(List.of(new Fact.Closed(Lone.ID)), turn.facts());
    assertEquals(1, Lone.in(turn, Effect.DropStreams.class).size());
  }

  /** The claim did not bring it there, so it is not the claim's to move. */
  @Test
  void beforeTheFirstStopOnlyWhatWasPreCopiedIsMoved() {
    a.devices.put(Lone.GPU, DeviceState.STOP);
    a.devices.put(Lone.NIC, DeviceState.PRE_COPY);
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.looks(Lone.GPU);
    a.looks(Lone.NIC);
    assertEquals(
        List.of(Lone.NIC), a.wants(Effect.Move.class).stream().map(Effect.Move::device).toList());
    assertEquals(
        new Hop(DeviceState.PRE_COPY, DeviceState.RUNNING),
        a.wants(Effect.Move.class).getFirst().hop());
  }

  @Test
  void aSetThatWasNeverStoppedIsAtRestWithoutAWordOfItsGuest() {
    claimed();
    assertEquals(GuestState.UNKNOWN, a.report().guest());
    assertEquals(Progress.REACHED, a.report().progress());
    assertEquals(List.of(), a.wants(Effect.Guest.class));
  }

  @Test
  void whatIsForADestinationIsRefusedByName() {
    claimed();
    var stop = new Stop("x", 1);
    var seal = new Receipt.Sealed(Lone.ID, stop, Lone.B, List.of());
    for (Request request :
        List.of(
            new Request.ClaimDestination(a.header(), a.spec()),
            new Request.Load(a.header()),
            new Request.Start(a.header(), seal),
            new Request.VoidCopy(a.header(), stop),
            new Request.Adopt(a.header(), stop, Lone.WORD),
            new Request.Surrender(a.header(), stop, Lone.WORD))) {
      String name = request.getClass().getSimpleName();
      a.refused(Code.WRONG_SIDE, request, name, Side.SOURCE, Lone.ID);
    }
  }

  @Test
  void aRequestWaitsForItsGoalAndNoLonger() {
    claimed();
    assertNull(a.asked(new Request.Quiesce(a.waiting(1))));
    a.now += 999_999;
    assertNull(Lone.reply(a.tick()));
    a.now++;
    Answer late = Lone.reply(a.tick());
    assertNotNull(late);
    assertNull(late.refusal());
    assertNotNull(late.report());
    assertEquals(Progress.MOVING, late.report().progress());
    assertNull(Lone.reply(a.tick()), "it is answered once");
  }

  @Test
  void aDeviceWithoutPreCopyRunsOnWhileTheOthersAreTracked() {
    Lone plain = Lone.of(Side.SOURCE, Capabilities.ofFlags(3), Lone.GPU, Lone.NIC);
    plain.taken(new Request.ClaimSource(plain.header(), plain.spec()));
    plain.obey();
    assertEquals(Progress.REACHED, plain.taken(new Request.PreCopy(plain.header())).progress());
    assertFalse(plain.report().devices().isEmpty());
    assertTrue(plain.devices.values().stream().allMatch(s -> s == DeviceState.RUNNING));
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
    a.taken(freeze());
    a.obey();
  }

  private void copying() {
    frozen();
    a.taken(copy());
    a.obey();
  }

  private void copied() {
    copying();
    a.imagesFlow(a.stop());
  }

  private void sealed() {
    copied();
    a.taken(new Request.Seal(a.header(), ready(a.stop())));
    a.effects.clear();
  }

  private Request freeze() {
    return new Request.Freeze(a.header(), a.stop());
  }

  private Request copy() {
    return new Request.Copy(a.header(), a.stop());
  }

  private Receipt.Ready ready(Stop stop) {
    return new Receipt.Ready(Lone.ID, stop, Lone.B, a.images());
  }

  private Set<DeviceState> states() {
    return new TreeSet<>(a.devices.values());
  }
}
