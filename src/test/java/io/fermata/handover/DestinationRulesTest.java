package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a destination may be asked for, what it then does, and what it is worth as evidence. */
class DestinationRulesTest {
  private static final Stop STOP = new Stop("slate", 1);
  private static final Stop LATER = new Stop("slate", 2);

  private final Lone b = Lone.destination();

  @Test
  void aClaimSaysItsWholeLifeWhatItWasMadeFor() {
    claimed();
    ClaimSpec fewer = b.spec(Lone.B, b.spec().devices().subList(0, 1));
    b.refused(Code.OTHER_SPEC, new Request.ClaimDestination(b.header(), fewer), Lone.ID);
    assertEquals(Goal.STOPPED, b.taken(claim()).goal());
  }

  @Test
  void itTakesStreamsOnceEveryDeviceIsInResuming() {
    assertEquals(Progress.MOVING, b.taken(claim()).progress());
    b.looks(Lone.GPU);
    b.looks(Lone.NIC);
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    while (!moves.isEmpty()) {
      assertEquals(List.of(), b.wants(Effect.ExpectStreams.class));
      assertEquals(Goal.RESUMING, b.report().goal());
      moves.forEach(move -> b.moves(move, move.hop().to()));
      moves = b.wants(Effect.Move.class);
      b.effects.removeIf(Effect.Move.class::isInstance);
    }
    assertEquals(Set.of(DeviceState.RESUMING), states());
    assertEquals(
        List.of(new Effect.ExpectStreams(Lone.ID, b.spec())), b.wants(Effect.ExpectStreams.class));
    assertEquals(Progress.MOVING, b.report().progress());
    assertEquals(List.of(), Lone.in(b.tick(), Effect.ExpectStreams.class), "it is said once");
  }

  @Test
  void aDeadDeviceKeepsItFromTakingStreams() {
    b.devices.put(Lone.NIC, DeviceState.ERROR);
    claimed();
    assertEquals(Goal.RESUMING, b.report().goal());
    assertEquals(Progress.STUCK, b.report().progress());
    assertEquals(List.of(), b.wants(Effect.ExpectStreams.class));
  }

  @Test
  void aClaimThatIsAskedForAgainTriesAgainWhatFailed() {
    b.taken(claim());
    b.looks(Lone.GPU);
    b.looks(Lone.NIC);
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    b.moves(moves.getFirst(), DeviceState.RUNNING);
    b.moves(moves.getLast(), DeviceState.RUNNING);
    assertEquals(Progress.STUCK, b.report().progress());
    b.taken(claim());
    assertEquals(moves, b.wants(Effect.Move.class));
  }

  @Test
  void aStartedClaimThatIsAskedForAgainKeepsItsPause() {
    started();
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    moves.forEach(move -> b.moves(move, DeviceState.STOP));
    b.taken(claim());
    assertEquals(List.of(), b.wants(Effect.Move.class), "the start has a pause of its own");
  }

  @Test
  void anImageLeavesResumingOnlyWhole() {
    claimed();
    b.on(new Event.Arrived(Lone.ID, STOP, Lone.image(Lone.GPU)));
    assertEquals(
        List.of(Lone.GPU), b.wants(Effect.Move.class).stream().map(Effect.Move::device).toList());
    b.obey();
    assertEquals(Progress.MOVING, b.report().progress());
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
    b.on(new Event.Arrived(Lone.ID, STOP, Lone.image(Lone.NIC)));
    assertEquals(List.of(), b.receipts(Receipt.Ready.class), "its driver may still refuse it");
    assertEquals(Progress.MOVING, b.report().progress());
    b.obey();
    var ready = new Receipt.Ready(Lone.ID, STOP, Lone.B, b.images());
    assertEquals(List.of(ready), b.receipts(Receipt.Ready.class));
    assertEquals(Progress.REACHED, b.report().progress());
    assertEquals(STOP, b.report().stop());
  }

  @Test
  void aSetWithADeadDeviceIsNoCopy() {
    claimed();
    b.imagesFlow(STOP);
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.moves(moves.getFirst(), DeviceState.STOP);
    b.moves(moves.getLast(), DeviceState.ERROR);
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
    assertEquals(Progress.STUCK, b.report().progress());
    b.refused(Code.NOT_READY, new Request.Start(b.header(), seal(STOP)), STOP);
  }

  @Test
  void imagesOfTwoStopsAreNoCopy() {
    claimed();
    b.on(new Event.Arrived(Lone.ID, STOP, Lone.image(Lone.GPU)));
    b.on(new Event.Arrived(Lone.ID, LATER, Lone.image(Lone.NIC)));
    b.obey();
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
    assertNull(b.report().stop());
  }

  @Test
  void aBrokenStreamIsTroubleUntilItsImageIsIn() {
    claimed();
    b.on(new Event.Arrived(Lone.ID, STOP, Lone.image(Lone.GPU)));
    b.on(new Event.Broke(Lone.ID, Lone.GPU, "late"));
    assertNull(b.device(Lone.GPU).trouble());
    assertEquals(Progress.MOVING, b.report().progress());
    b.on(new Event.Broke(Lone.ID, Lone.NIC, "digest differs"));
    assertEquals("digest differs", b.device(Lone.NIC).trouble());
    assertEquals(Progress.STUCK, b.report().progress());
  }

  @Test
  void aStreamThatBreaksAfterTheStartIsNoTrouble() {
    Lone adopted = b;
    started();
    adopted.on(new Event.Broke(Lone.ID, Lone.NIC, "late"));
    assertNull(adopted.device(Lone.NIC).trouble());
  }

  @Test
  void anImageThatComesAfterTheStartChangesNothing() {
    running();
    b.on(new Event.Arrived(Lone.ID, LATER, Lone.image(Lone.NIC)));
    assertEquals(STOP, b.report().stop());
    b.refused(Code.OTHER_STOP, new Request.Start(b.header(), seal(LATER)), STOP);
  }

  @Test
  void theStartIsOnDiskBeforeAnyDeviceLeavesStop() {
    loaded();
    Turn turn = b.on(new Event.Asked(new Request.Start(b.header(), seal(STOP)), new Ticket(7, 0)));
    assertEquals(List.of(new Fact.Started(Lone.ID, seal(STOP))), turn.facts());
    assertEquals(2, Lone.in(turn, Effect.Move.class).size());
    assertEquals(Goal.RUNNING, b.report().goal());
    assertEquals(STOP, b.report().stop());
    b.taken(new Request.Start(b.header(), seal(STOP)));
    assertEquals(1, b.facts(Fact.Started.class).size());
    b.refused(Code.OTHER_STOP, new Request.Start(b.header(), seal(LATER)), STOP);
  }

  @Test
  void aSealOfAnotherMigrationOrForAnotherHostStartsNothing() {
    loaded();
    var stranger = new Receipt.Sealed(new MigrationId("other"), STOP, Lone.B, b.images());
    b.refused(Code.OTHER_DESTINATION, new Request.Start(b.header(), stranger));
    var elsewhere = new Receipt.Sealed(Lone.ID, STOP, new HostName("host-c"), b.images());
    b.refused(Code.OTHER_DESTINATION, new Request.Start(b.header(), elsewhere), "host-c");
    b.refused(Code.NOT_READY, new Request.Start(b.header(), seal(LATER)), LATER);
    var images = List.of(Lone.image(Lone.GPU), new ImageDigest(Lone.NIC, 1, "another"));
    var forged = new Receipt.Sealed(Lone.ID, STOP, Lone.B, images);
    b.refused(Code.OTHER_IMAGES, new Request.Start(b.header(), forged));
  }

  /**
   * Gate 4: nobody runs while another rests in STOP. Who does was reset, and whether he had moved
   * and was vouched for before that, only the process knew that is gone: all hold still.
   */
  @Test
  void aCopyThatWasResetWhileTheAgentWasAwayIsNotRunBesideTheOthers() {
    loaded();
    b.taken(new Request.Start(b.header(), seal(STOP)));
    b.restart();
    b.devices.put(Lone.GPU, DeviceState.RUNNING);
    b.obey();
    b.word(seal(STOP), PeerMessage.Standing.PENDING);
    for (int i = 0; i < 20; i++) {
      b.after(Lone.TIMINGS.retryNanos());
      b.obey();
    }
    assertEquals(DeviceState.STOP, b.device(Lone.NIC).state(), "nothing goes on");
    assertEquals("somebody else has reset it", b.device(Lone.GPU).trouble());
    assertEquals(List.of(), b.receipts(Receipt.Started.class));
    assertEquals(List.of(), b.facts(Fact.Voided.class));
  }

  @Test
  void aLoadedCopyThatIsFoundResetIsNeverReadyAgain() {
    loaded();
    b.devices.put(Lone.GPU, DeviceState.RUNNING);
    b.looks(Lone.GPU);
    assertEquals(List.of(new Fact.Abandoned(Lone.ID)), b.facts(Fact.Abandoned.class));
    b.refused(Code.VOIDED, new Request.Start(b.header(), seal(STOP)));
    b.obey();
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
  }

  /**
   * The source lets go on that receipt: as long as nothing has moved the start may be undone, and
   * as long as a first call is out its device may turn out to have been reset.
   */
  @Test
  void aStartIsOwnedToOnceADeviceHasLeftStopAndEachWasRead() {
    started();
    assertEquals(List.of(), b.receipts(Receipt.Started.class));
    assertEquals(Progress.MOVING, b.report().progress());
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    assertEquals(List.of(), Lone.told(b.moves(moves.getFirst(), DeviceState.RUNNING_P2P)));
    assertEquals(List.of(), b.receipts(Receipt.Started.class));
    Turn turn = b.moves(moves.getLast(), DeviceState.RUNNING_P2P);
    var started = new Receipt.Started(Lone.ID, STOP, Lone.B);
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, started)), Lone.told(turn));
    assertEquals(List.of(started), b.receipts(Receipt.Started.class));
    assertEquals(List.of(), b.receipts(Receipt.Ready.class));
  }

  @Test
  void gateFiveIsTheWholeSetAndItsGuest() {
    started();
    while (!b.wants(Effect.Move.class).isEmpty()) {
      assertEquals(Progress.MOVING, b.report().progress());
      List<Effect.Move> moves = b.wants(Effect.Move.class);
      b.effects.clear();
      moves.forEach(move -> b.moves(move, move.hop().to()));
    }
    assertEquals(Set.of(DeviceState.RUNNING), states());
    assertEquals(
        List.of(new Effect.Guest(Lone.ID, "vm", Side.DESTINATION, true)),
        b.wants(Effect.Guest.class));
    assertEquals(Progress.MOVING, b.report().progress(), "the guest was asked to run");
    b.refused(Code.NOT_AT_REST, new Request.Close(b.header()));
    b.guest(GuestState.PAUSED);
    assertEquals(Progress.STUCK, b.report().progress());
    b.guest(GuestState.RUNNING);
    assertEquals(Progress.REACHED, b.report().progress());
    assertEquals("vm", b.claims.devices().get(Lone.GPU).vm());
  }

  @Test
  void aSetWithADeadDeviceDoesNotRunItsGuest() {
    started();
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.effects.clear();
    b.moves(moves.getFirst(), DeviceState.ERROR);
    b.moves(moves.getLast(), DeviceState.RUNNING_P2P);
    b.obey();
    assertEquals(List.of(), b.wants(Effect.Guest.class));
    assertEquals(GuestState.UNKNOWN, b.report().guest());
    assertEquals(Progress.STUCK, b.report().progress());
  }

  @Test
  void aSetThatRunsIsLetGoAtAWordOrOnTheSourcesDone() {
    running();
    Turn turn = b.on(new Event.Asked(new Request.Close(b.header()), new Ticket(7, 0)));
    assertEquals(List.of(new Fact.Closed(Lone.ID)), turn.facts());
    b.taken(new Request.Close(b.header()));
    assertEquals(1, b.facts(Fact.Closed.class).size());
    assertEquals(Progress.REACHED, b.report().progress());
    assertEquals(1, b.receipts(Receipt.Started.class).size(), "a closed claim still owns to it");
  }

  @Test
  void aSetThatRunsWaitsForTheSourceToHaveLetGo() {
    running();
    b.word(null, PeerMessage.Standing.PENDING);
    assertEquals(Standing.OPEN, b.report().standing());
    b.word(null, PeerMessage.Standing.DONE);
    assertEquals(Standing.CLOSED, b.report().standing());
  }

  @Test
  void nothingIsClosedThatDoesNotRun() {
    loaded();
    b.refused(Code.NOT_AT_REST, new Request.Close(b.header()), "void");
  }

  @Test
  void aCopyThatIsGivenUpIsWipedAndItsClaimCloses() {
    loaded();
    Turn turn = b.on(new Event.Asked(new Request.VoidCopy(b.header(), STOP), new Ticket(7, 0)));
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), turn.facts());
    assertEquals(1, Lone.in(turn, Effect.DropStreams.class).size());
    assertEquals(2, Lone.in(turn, Effect.Reset.class).size());
    assertEquals(List.of(), b.receipts(Receipt.Ready.class), "what is given up is no copy");
    assertEquals(Progress.MOVING, b.report().progress());
    b.refused(Code.VOIDED, new Request.Load(b.header()), Lone.B);
    b.refused(Code.VOIDED, claim(), Lone.B);
    b.refused(Code.VOIDED, new Request.Start(b.header(), seal(STOP)), STOP);
    b.refused(Code.VOIDED, new Request.Start(b.header(), seal(LATER)), LATER);
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
    assertEquals(Progress.REACHED, b.report().progress());
    b.taken(new Request.VoidCopy(b.header(), STOP));
    assertEquals(1, b.facts(Fact.Voided.class).size());
    b.taken(new Request.VoidCopy(b.header(), LATER));
    assertEquals(2, b.receipts(Receipt.Voided.class).size(), "each stop has a void of its own");
  }

  @Test
  void aClaimWithNoStopIsGivenUpOnce() {
    claimed();
    b.taken(new Request.VoidCopy(b.header(), null));
    b.taken(new Request.VoidCopy(b.header(), null));
    assertEquals(List.of(new Fact.Abandoned(Lone.ID)), b.facts(Fact.Abandoned.class));
    assertEquals(2, b.wants(Effect.Reset.class).size());
    assertEquals(List.of(), b.receipts(Receipt.Voided.class));
    b.obey();
    assertEquals(Standing.CLOSED, b.report().standing());
  }

  @Test
  void anImageThatComesAfterItWasGivenUpChangesNothing() {
    claimed();
    b.taken(new Request.VoidCopy(b.header(), null));
    b.effects.clear();
    b.imagesFlow(STOP);
    assertEquals(List.of(), b.wants(Effect.Move.class));
    assertNull(b.report().stop());
  }

  @Test
  void whatWasStartedIsGivenUpOnlyWhileEveryDeviceIsReadInStop() {
    started();
    b.refused(Code.STARTED, new Request.VoidCopy(b.header(), STOP), STOP);
    List<Effect.Move> moves = b.wants(Effect.Move.class);
    b.moves(moves.getFirst(), DeviceState.STOP);
    b.refused(Code.STARTED, new Request.VoidCopy(b.header(), STOP), STOP);
    b.moves(moves.getLast(), DeviceState.STOP);
    b.refused(Code.OTHER_STOP, new Request.VoidCopy(b.header(), LATER), STOP);
    b.taken(new Request.VoidCopy(b.header(), null));
    assertEquals(List.of(new Fact.Voided(Lone.ID, STOP)), b.facts(Fact.Voided.class));
    assertNull(b.claims.devices().get(Lone.GPU).vm());
  }

  @Test
  void anAdoptedCopyIsTheOnlyOneAndIsNotGivenUp() {
    loaded();
    b.refused(Code.NOT_READY, new Request.Adopt(b.header(), LATER, Lone.WORD), LATER);
    var request = new Request.Adopt(b.header(), STOP, Lone.WORD);
    Turn turn = b.on(new Event.Asked(request, new Ticket(7, 0)));
    var adopted = new Receipt.Adopted(Lone.ID, STOP, Lone.B, Lone.WORD);
    assertEquals(List.of(new Fact.Adopted(Lone.ID, adopted)), turn.facts());
    assertEquals(List.of(new PeerMessage.Settle(Lone.ID, adopted)), Lone.told(turn));
    b.refused(Code.OTHER_STOP, new Request.Adopt(b.header(), LATER, Lone.WORD), STOP);
    for (Effect.Move move : b.wants(Effect.Move.class)) {
      b.moves(move, DeviceState.STOP);
    }
    b.refused(Code.STARTED, new Request.VoidCopy(b.header(), STOP), STOP);
    assertEquals("vm", b.claims.devices().get(Lone.GPU).vm());
  }

  @Test
  void whatIsForASourceIsRefusedByName() {
    claimed();
    var ready = new Receipt.Ready(Lone.ID, STOP, Lone.B, List.of());
    for (Request request :
        List.of(
            new Request.ClaimSource(b.header(), b.spec()),
            new Request.PreCopy(b.header()),
            new Request.Quiesce(b.header()),
            new Request.Freeze(b.header(), STOP),
            new Request.Copy(b.header(), STOP),
            new Request.Seal(b.header(), ready),
            new Request.Unseal(b.header(), new Receipt.Voided(Lone.ID, STOP, Lone.B)),
            new Request.Reclaim(b.header(), STOP, Lone.B, Lone.WORD),
            new Request.Return(b.header()),
            new Request.Release(b.header(), new Receipt.Started(Lone.ID, STOP, Lone.B)))) {
      String name = request.getClass().getSimpleName();
      b.refused(Code.WRONG_SIDE, request, name, Side.DESTINATION, Lone.ID);
    }
  }

  /** Images may take hours: an orchestrator that asks again must not wait for them. */
  @Test
  void aClaimIsAnsweredOnceItsDevicesTakeImages() {
    assertNull(b.asked(new Request.ClaimDestination(b.waiting(1_000), b.spec())));
    b.looks(Lone.GPU);
    b.looks(Lone.NIC);
    List<Answer> answers = new ArrayList<>();
    while (!b.wants(Effect.Move.class).isEmpty()) {
      List<Effect.Move> moves = b.wants(Effect.Move.class);
      b.effects.clear();
      for (Effect.Move move : moves) {
        Answer answer = Lone.reply(b.moves(move, move.hop().to()));
        if (answer != null) {
          answers.add(answer);
        }
      }
    }
    assertEquals(1, answers.size());
    assertEquals(Set.of(DeviceState.RESUMING), states());
    assertNull(b.asked(new Request.Load(b.waiting(1_000))), "the load waits for the images");
    assertTrue(b.asked(new Request.ClaimDestination(b.waiting(1_000), b.spec())) != null);
  }

  private Request.ClaimDestination claim() {
    return new Request.ClaimDestination(b.header(), b.spec());
  }

  private void claimed() {
    b.taken(claim());
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

  private Receipt.Sealed seal(Stop stop) {
    return new Receipt.Sealed(Lone.ID, stop, Lone.B, b.images());
  }

  private Set<DeviceState> states() {
    return new TreeSet<>(b.devices.values());
  }
}
