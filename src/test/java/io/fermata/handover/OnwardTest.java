package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source that was asked to go on passes its gates by itself, and none that is shut. */
class OnwardTest {
  private final Lone a = Lone.source();

  @BeforeEach
  void claimed() {
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
  }

  @Test
  void itGoesFromTheGuestsPauseToTheCopyWithoutAnotherWord() {
    Stop stop = quiesce().stop();
    a.obey();
    assertEquals(Goal.COPYING, a.report().goal());
    assertEquals(Set.of(DeviceState.STOP_COPY), states());
    assertEquals(stop, a.stop());
    a.imagesFlow(a.stop());
    assertEquals(Progress.REACHED, a.report().progress());
  }

  @Test
  void noGateIsPassedBeforeItIsOpen() {
    quiesce();
    assertEquals(List.of(), a.wants(Effect.Move.class), "the guest runs");
    a.guest(GuestState.PAUSED);
    List<Effect.Move> quiescing = moves();
    a.moves(quiescing.getFirst(), DeviceState.RUNNING_P2P);
    assertEquals(Goal.QUIESCED, a.report().goal());
    assertEquals(List.of(), moves(), "one device may still issue DMA");
    a.moves(quiescing.getLast(), DeviceState.RUNNING_P2P);
    List<Effect.Move> freezing = moves();
    assertEquals(2, freezing.size(), "in the same turn, and no device before the other");
    assertEquals(Goal.FROZEN, a.report().goal());
    a.moves(freezing.getFirst(), DeviceState.STOP);
    assertEquals(Goal.FROZEN, a.report().goal());
    assertEquals(List.of(), a.wants(Effect.FinishStream.class));
    a.moves(freezing.getLast(), DeviceState.STOP);
    assertEquals(Goal.COPYING, a.report().goal());
  }

  /** Said twice, the hop that quiesced a device is no word about the one that freezes it. */
  @Test
  void whatIsToldOfAnEarlierCallIsNoAnswerToTheOneThatIsOut() {
    quiesce();
    a.guest(GuestState.PAUSED);
    List<Effect.Move> quiescing = moves();
    quiescing.forEach(move -> a.moves(move, DeviceState.RUNNING_P2P));
    assertEquals(2, moves().size());
    int hops = a.report().hopsTotal();
    a.moves(quiescing.getFirst(), DeviceState.RUNNING_P2P);
    assertEquals(List.of(), moves(), "one call at a time");
    assertEquals(hops, a.report().hopsTotal());
  }

  @Test
  void aDeadDeviceShutsTheGateInFrontOfIt() {
    quiesce();
    a.guest(GuestState.PAUSED);
    List<Effect.Move> quiescing = moves();
    a.moves(quiescing.getFirst(), DeviceState.RUNNING_P2P);
    a.moves(quiescing.getLast(), DeviceState.ERROR);
    assertEquals(Goal.QUIESCED, a.report().goal());
    assertEquals(Progress.STUCK, a.report().progress());
  }

  @Test
  void aStreamThatIsLostShutsTheGates() {
    quiesce();
    a.guest(GuestState.PAUSED);
    a.on(new Event.Broke(Lone.ID, Lone.GPU, "no route"));
    moves().forEach(move -> a.moves(move, DeviceState.RUNNING_P2P));
    assertEquals(Goal.QUIESCED, a.report().goal());
    assertEquals(Progress.STUCK, a.report().progress());
  }

  @Test
  void aDeviceThatDiesFreezingShutsTheSecondGate() {
    List<Effect.Move> freezing = freezing();
    a.moves(freezing.getFirst(), DeviceState.STOP);
    a.moves(freezing.getLast(), DeviceState.ERROR);
    assertEquals(Goal.FROZEN, a.report().goal());
    assertEquals(Progress.STUCK, a.report().progress());
  }

  /** Each answer comes when its own gate opens, and tells of the hops that led there. */
  @Test
  void whoAskedForAGateIsAnsweredWhenItOpens() {
    assertNull(a.asked(new Request.Quiesce(a.waiting(60_000), true)));
    a.guest(GuestState.PAUSED);
    List<Effect.Move> quiescing = moves();
    a.moves(quiescing.getFirst(), DeviceState.RUNNING_P2P);
    ClaimReport quiesced = report(a.moves(quiescing.getLast(), DeviceState.RUNNING_P2P));
    assertEquals(Goal.FROZEN, quiesced.goal());
    assertEquals(2 + at(quiesced, DeviceState.RUNNING), quiesced.hops().size());
    assertNull(a.asked(new Request.Freeze(a.waiting(60_000), a.stop())));
    List<Effect.Move> freezing = moves();
    a.moves(freezing.getFirst(), DeviceState.STOP);
    ClaimReport frozen = report(a.moves(freezing.getLast(), DeviceState.STOP));
    assertEquals(Goal.COPYING, frozen.goal());
  }

  /** It failed before anybody asked for it: the request that comes is told, as if it had waited. */
  @Test
  void aHopThatFailedOnTheWayIsToldOfAndNotTriedAgain() {
    List<Effect.Move> freezing = freezing();
    a.moves(freezing.getFirst(), DeviceState.STOP);
    a.moves(freezing.getLast(), DeviceState.RUNNING_P2P);
    assertEquals(Progress.STUCK, a.taken(new Request.Quiesce(a.header(), true)).progress());
    var freeze = new Request.Freeze(a.waiting(60_000), a.stop());
    assertEquals(Progress.STUCK, a.taken(freeze).progress());
    assertEquals(List.of(), moves());
  }

  @Test
  void soIsAHopThatLeadsToTheCopy() {
    freezing().forEach(move -> a.moves(move, DeviceState.STOP));
    List<Effect.Move> copying = moves();
    a.moves(copying.getFirst(), DeviceState.STOP_COPY);
    a.imagesFlow(a.stop());
    a.moves(copying.getLast(), DeviceState.STOP);
    var copy = new Request.Copy(a.waiting(60_000), a.stop());
    assertEquals(Progress.STUCK, a.taken(copy).progress());
    assertEquals(List.of(), moves());
  }

  @Test
  void whatIsAskedOfAGateThatLiesBehindIsAnsweredAtOnceAndChangesNothing() {
    quiesce();
    a.obey();
    int facts = a.slate.size();
    Answer again = a.asked(new Request.Quiesce(a.waiting(60_000), true));
    assertNotNull(again, "a lost answer is asked for again");
    assertNull(again.refusal());
    Answer frozen = a.asked(new Request.Freeze(a.waiting(60_000), a.stop()));
    assertNotNull(frozen);
    assertNull(frozen.refusal());
    assertNull(a.asked(new Request.Copy(a.waiting(60_000), a.stop())), "its images are on the way");
    assertEquals(facts, a.slate.size());
    assertEquals(Goal.COPYING, a.report().goal());
    a.refused(Code.WALKING_BACK, new Request.Quiesce(a.header()), Goal.COPYING);
  }

  @Test
  void itIsAskedForInTheMiddleAndTakenBackThere() {
    a.taken(new Request.Quiesce(a.header()));
    a.taken(new Request.Quiesce(a.header(), true));
    a.taken(new Request.Quiesce(a.header()));
    a.obey();
    assertEquals(Goal.QUIESCED, a.report().goal());
    a.taken(new Request.Quiesce(a.header(), true));
    a.obey();
    assertEquals(Goal.COPYING, a.report().goal());
  }

  @Test
  void afterTheWayBackNothingGoesOn() {
    Stop first = quiesce().stop();
    a.guest(GuestState.PAUSED);
    a.taken(new Request.Return(a.header()));
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
    a.taken(new Request.Quiesce(a.header()));
    a.obey();
    assertNotEquals(first, a.stop());
    assertEquals(Goal.QUIESCED, a.report().goal());
  }

  @Test
  void aLeaseThatEndsOnTheWayLeadsBack() {
    quiesce();
    a.guest(GuestState.PAUSED);
    moves().forEach(move -> a.moves(move, DeviceState.RUNNING_P2P));
    assertEquals(Goal.FROZEN, a.report().goal());
    a.after(Lone.LEASE);
    assertEquals(Goal.RUNNING, a.report().goal());
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), states());
  }

  private ClaimReport quiesce() {
    return a.taken(new Request.Quiesce(a.header(), true));
  }

  /** Through gate 1; the hops that freeze. */
  private List<Effect.Move> freezing() {
    quiesce();
    a.guest(GuestState.PAUSED);
    moves().forEach(move -> a.moves(move, DeviceState.RUNNING_P2P));
    return moves();
  }

  /** The hops that are asked for and not done yet, once. */
  private List<Effect.Move> moves() {
    List<Effect.Move> all = a.wants(Effect.Move.class);
    a.effects.removeIf(Effect.Move.class::isInstance);
    return all;
  }

  private Set<DeviceState> states() {
    return a.report().devices().stream()
        .map(ClaimReport.DeviceReport::state)
        .collect(Collectors.toSet());
  }

  private static long at(ClaimReport report, DeviceState state) {
    return report.hops().stream().filter(h -> h.requested().to() == state).count();
  }

  private static ClaimReport report(Turn turn) {
    return Objects.requireNonNull(Objects.requireNonNull(Lone.reply(turn)).report());
  }
}
