package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One device as its claim knows it: what counts is what was read, and when. */
class ClaimedSetTest {
  private static final Hop STOPS = new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP);
  private static final long HOP = Lone.TIMINGS.hopNanos();
  private static final long RETRY = Lone.TIMINGS.retryNanos();

  private final ClaimedSet set = new ClaimedSet(Lone.ID, Map.of(Lone.GPU, Lone.ALL));
  private long now = 50_000;

  @Test
  void whatWasNeverReadIsUnknownAndEverywhere() {
    assertEquals(DeviceState.UNKNOWN, device().state());
    assertFalse(set.allAt(DeviceState.STOP));
    assertFalse(set.hasMoved(), "what is not known is no proof of a start");
    assertFalse(set.still(), "it may run");
    assertFalse(set.reached(Goal.RUNNING));
  }

  @Test
  void itIsReadOnceAtATime() {
    assertEquals(List.of(new Effect.Look(Lone.ID, Lone.GPU)), look().effects());
    assertTrue(set.moving());
    assertEquals(List.of(), look().effects());
    looked(DeviceState.STOP);
    assertFalse(set.moving());
    assertEquals(1, look().effects().size());
  }

  @Test
  void aReportSaysWhenTheStateWasReadAndWhereTheDeviceIsGoing() {
    looked(DeviceState.RUNNING_P2P);
    assertEquals(now, device().seenNanos());
    assertNull(device().heading());
    now += 5;
    Turn turn = drive();
    assertEquals(List.of(new Effect.Move(Lone.ID, Lone.GPU, STOPS)), turn.effects());
    assertEquals(DeviceState.STOP, device().heading());
    assertEquals(now - 5, device().seenNanos());
    assertTrue(set.moving());
    assertEquals(List.of(), drive().effects(), "one call at a time");
    now += 7;
    ended(Outcome.DONE, DeviceState.STOP);
    assertEquals(now, device().seenNanos());
    assertNull(device().heading());
    assertNull(device().trouble());
    assertFalse(set.moving());
  }

  @Test
  void aDeviceOnItsWayIsNeitherHereNorThereNorStill() {
    looked(DeviceState.STOP);
    assertTrue(set.allAt(DeviceState.STOP));
    assertTrue(set.still());
    set.drive(Goal.RUNNING, n -> true, turn());
    assertFalse(set.allAt(DeviceState.STOP), "the call may have moved it");
    assertFalse(set.still());
    assertFalse(set.hasMoved());
    ended(Outcome.MOVED, DeviceState.RUNNING_P2P);
    assertTrue(set.hasMoved());
    assertFalse(set.still());
  }

  /** No arc leads from STOP to RUNNING: what is found so was reset, and holds nothing. */
  @Test
  void aDeviceThatSomebodyElseHasResetHasNotMoved() {
    looked(DeviceState.STOP);
    set.drive(Goal.RUNNING, n -> true, turn());
    assertFalse(set.hasNotMoved(), "a call is out");
    ended(Outcome.MOVED, DeviceState.RUNNING);
    assertTrue(set.anyWiped());
    assertFalse(set.hasMoved());
    assertTrue(set.hasNotMoved());
    looked(DeviceState.RUNNING_P2P);
    assertFalse(set.hasMoved(), "whatever it does from here, it holds nothing");
    looked(DeviceState.RESUMING);
    assertFalse(set.anyWiped(), "what it is to hold is still to come");
  }

  /** What one of the devices held is gone: an earlier process may have seen it before. */
  @Test
  void whoIsFoundInRunningBesideAFrozenSiblingWasReset() {
    ClaimedSet two = two(DeviceState.STOP, DeviceState.RUNNING);
    assertTrue(two.anyWiped());
    ClaimedSet coming = two(DeviceState.STOP, DeviceState.RUNNING_P2P);
    assertFalse(coming.anyWiped());
    coming.ended(
        new HopReport(Lone.NIC, STOPS, Outcome.MOVED, DeviceState.RUNNING, null, 1, 2), turn());
    assertTrue(coming.anyWiped(), "so it is where the end of a hop tells of it");
  }

  @Test
  void whoWasResetEarlierStaysSoUntilItTakesAnImage() {
    ClaimedSet two = two(DeviceState.STOP, DeviceState.RUNNING);
    two.looked(Lone.GPU, DeviceState.RUNNING_P2P, turn());
    two.looked(Lone.NIC, DeviceState.RUNNING, turn());
    assertTrue(two.anyWiped(), "also once nobody is frozen beside it");
    two.looked(Lone.NIC, DeviceState.RESUMING, turn());
    assertFalse(two.anyWiped(), "what it is to hold is still to come");
  }

  /** Without P2P there is such an arc. */
  @Test
  void aDeviceThatLacksP2pGoesFromStopToRunning() {
    var alone = new ClaimedSet(Lone.ID, Map.of(Lone.GPU, Capabilities.ofFlags(1)));
    alone.looked(Lone.GPU, DeviceState.STOP, turn());
    assertTrue(alone.hasNotMoved());
    alone.looked(Lone.GPU, DeviceState.RUNNING, turn());
    assertFalse(alone.anyWiped());
    assertTrue(alone.hasMoved());
  }

  @Test
  void aResetOfOurOwnIsNobodyElses() {
    looked(DeviceState.STOP);
    set.reset(state -> true, turn());
    looked(DeviceState.RUNNING);
    assertFalse(set.anyWiped());
    assertTrue(set.allBlank());
  }

  @Test
  void whatHasMovedStaysSoWhileItsNextCallIsOut() {
    looked(DeviceState.STOP);
    looked(DeviceState.UNKNOWN);
    assertFalse(set.hasMoved());
    looked(DeviceState.RUNNING_P2P);
    looked(DeviceState.UNKNOWN);
    assertTrue(set.hasMoved());
    looked(DeviceState.RUNNING);
    assertTrue(set.hasMoved());
    assertFalse(set.anyWiped());
    looked(DeviceState.ERROR);
    assertFalse(set.hasMoved());
  }

  @Test
  void whatWasFrozenOrDiedSinceIsNoProofOfAStart() {
    looked(DeviceState.RUNNING_P2P);
    looked(DeviceState.STOP);
    assertFalse(set.hasMoved());
    looked(DeviceState.ERROR);
    looked(DeviceState.UNKNOWN);
    assertFalse(set.hasMoved(), "it died where it had not moved");
  }

  /** A look waits behind a call of a process that is dead already. */
  @Test
  void aLookIsWaitedForAsLongAsAHop() {
    look();
    now += HOP - 1;
    set.overdue(turn());
    assertTrue(set.moving());
    assertNull(device().trouble());
    now += 1;
    set.overdue(turn());
    assertFalse(set.moving());
    assertEquals("its driver does not answer", device().trouble());
  }

  @Test
  void aFailedHopIsTroubleThatNamesTheHopTheErrorAndTheState() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    set.ended(report(Outcome.REFUSED, DeviceState.RUNNING_P2P, "EBUSY(16)"), turn());
    String trouble = String.valueOf(device().trouble());
    for (Object part : List.of(STOPS, Outcome.REFUSED, "EBUSY(16)", DeviceState.RUNNING_P2P)) {
      assertTrue(trouble.contains(String.valueOf(part)), trouble);
    }
    drive();
    set.ended(report(Outcome.REFUSED, DeviceState.RUNNING_P2P, null), turn());
    assertFalse(set.well(Lone.GPU));
    assertFalse(String.valueOf(device().trouble()).contains(" with "), "no error was told");
  }

  @Test
  void aDeviceInTroubleIsNotMovedBeforeItsPauseIsOver() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    ended(Outcome.REFUSED, DeviceState.RUNNING_P2P);
    assertEquals(List.of(), drive().effects());
    now += RETRY - 1;
    assertFalse(set.retry(false, turn()));
    assertEquals(List.of(), drive().effects());
    now += 1;
    assertTrue(set.retry(false, turn()));
    assertEquals(1, drive().effects().size());
    assertFalse(set.retry(true, turn()), "there is nothing to try again");
  }

  @Test
  void aWordLetsItTryAgainAtOnce() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    ended(Outcome.REFUSED, DeviceState.RUNNING_P2P);
    assertTrue(set.retry(true, turn()));
    assertEquals(1, drive().effects().size());
  }

  @Test
  void aDeviceInErrorStaysInTroubleWhateverIsTried() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    ended(Outcome.FAULTED, DeviceState.ERROR);
    set.retry(true, turn());
    assertFalse(set.well(Lone.GPU));
  }

  @Test
  void aCallPastItsDeadlineLeavesTheDeviceUnknownAndStillOut() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    long since = now;
    now += HOP - 1;
    set.overdue(turn());
    assertEquals(DeviceState.RUNNING_P2P, device().state());
    now += 1;
    set.overdue(turn());
    assertEquals(DeviceState.UNKNOWN, device().state());
    assertEquals(STOPS + " has not returned", device().trouble());
    assertEquals(DeviceState.STOP, device().heading(), "it is out all the same");
    assertFalse(set.moving(), "nobody waits for it");
    assertEquals(List.of(), drive().effects());
    assertEquals(
        List.of(
            new HopReport(Lone.GPU, STOPS, Outcome.UNKNOWN, DeviceState.UNKNOWN, null, since, now)),
        set.hopsAfter(0));
    now += HOP;
    set.overdue(turn());
    assertEquals(1, set.hopCount(), "it is given up once");
    Turn retry = turn();
    assertFalse(set.retry(true, retry), "a call that is out is not repeated");
    assertEquals(List.of(), retry.effects(), "nor is its device read");
    ended(Outcome.DONE, DeviceState.STOP);
    assertEquals(DeviceState.STOP, device().state());
    assertTrue(set.well(Lone.GPU));
    assertEquals(2, set.hopCount());
  }

  @Test
  void aStateThatCouldNotBeReadIsReadAgain() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    Turn turn = turn();
    set.ended(report(Outcome.UNKNOWN, DeviceState.UNKNOWN, null), turn);
    assertEquals(List.of(new Effect.Look(Lone.ID, Lone.GPU)), turn.effects());
    looked(DeviceState.UNKNOWN);
    now += RETRY - 1;
    assertEquals(List.of(), retry().effects());
    now += 1;
    assertEquals(List.of(new Effect.Look(Lone.ID, Lone.GPU)), retry().effects());
    now += RETRY;
    assertEquals(List.of(), retry().effects(), "the answer is still out");
  }

  @Test
  void aDeviceIsResetOnceAndIsBlankWhenItIsReadInRunning() {
    looked(DeviceState.STOP);
    assertEquals(List.of(new Effect.Reset(Lone.ID, Lone.GPU)), reset().effects());
    assertTrue(set.moving());
    assertEquals(List.of(), reset().effects());
    assertFalse(set.allBlank());
    looked(DeviceState.RUNNING);
    assertTrue(set.allBlank());
    assertFalse(set.moving());
    assertNull(device().trouble());
    assertEquals(List.of(), reset().effects(), "what is blank is left alone");
  }

  @Test
  void aResetThatDidNotHelpIsTriedAgainAfterItsPause() {
    looked(DeviceState.STOP);
    reset();
    looked(DeviceState.ERROR);
    assertEquals("reset left it in ERROR", device().trouble());
    assertFalse(set.allBlank());
    now += RETRY - 1;
    assertEquals(List.of(), reset().effects());
    now += 1;
    assertEquals(1, reset().effects().size());
  }

  @Test
  void onlyADeviceAtRestIsReset() {
    look();
    assertEquals(List.of(), reset().effects(), "its state is being read");
    looked(DeviceState.RUNNING_P2P);
    drive();
    assertEquals(List.of(), reset().effects(), "a call is out");
    ended(Outcome.DONE, DeviceState.STOP);
    Turn none = turn();
    set.reset(state -> state == DeviceState.RUNNING, none);
    assertEquals(List.of(), none.effects(), "not in a state that was meant");
  }

  @Test
  void onlyEligibleDevicesAreDriven() {
    looked(DeviceState.RUNNING_P2P);
    Turn turn = turn();
    set.drive(Goal.FROZEN, n -> false, turn);
    assertEquals(List.of(), turn.effects());
  }

  @Test
  void hopsAreToldFromWhereTheAskerIs() {
    looked(DeviceState.RUNNING_P2P);
    drive();
    ended(Outcome.REFUSED, DeviceState.RUNNING_P2P);
    set.retry(true, turn());
    drive();
    ended(Outcome.DONE, DeviceState.STOP);
    assertEquals(2, set.hopCount());
    assertEquals(2, set.hopsAfter(0).size());
    assertEquals(Outcome.DONE, set.hopsAfter(1).getFirst().outcome());
    assertEquals(List.of(), set.hopsAfter(2));
    assertEquals(List.of(), set.hopsAfter(7), "another process had more");
    assertEquals(2, set.hopsAfter(-1).size());
  }

  @Test
  void theLogOfHopsIsBounded() {
    looked(DeviceState.RUNNING_P2P);
    HopReport report = report(Outcome.REFUSED, DeviceState.RUNNING_P2P, null);
    for (int i = 0; i < 20_001; i++) {
      set.ended(report, turn());
    }
    assertEquals(20_000, set.hopCount());
  }

  @Test
  void bytesAreReportedAsTheyFlow() {
    set.flowed(new Event.Flowed(Lone.ID, Lone.GPU, 7, 9L, 2));
    assertEquals(7, device().movedBytes());
    assertEquals(9L, device().leftBytes());
    assertEquals(2, device().restarts());
    set.flowed(new Event.Flowed(Lone.ID, Lone.GPU, 8, null));
    assertNull(device().leftBytes());
  }

  @Test
  void aDeviceThatTheClaimDoesNotHoldIsAMistake() {
    var other = new DeviceName("other");
    String said = assertThrows(IllegalArgumentException.class, () -> set.state(other)).getMessage();
    assertEquals(Lone.ID + " does not hold other", said);
  }

  private ClaimedSet two(DeviceState gpu, DeviceState nic) {
    var two = new ClaimedSet(Lone.ID, Map.of(Lone.GPU, Lone.ALL, Lone.NIC, Lone.ALL));
    two.looked(Lone.GPU, gpu, turn());
    two.looked(Lone.NIC, nic, turn());
    return two;
  }

  private Turn turn() {
    return new Turn(now, "agent", Lone.TIMINGS);
  }

  private Turn look() {
    Turn turn = turn();
    set.lookAtAll(turn);
    return turn;
  }

  private Turn drive() {
    Turn turn = turn();
    set.drive(Goal.FROZEN, n -> true, turn);
    return turn;
  }

  private Turn reset() {
    Turn turn = turn();
    set.reset(state -> true, turn);
    return turn;
  }

  private Turn retry() {
    Turn turn = turn();
    set.retry(false, turn);
    return turn;
  }

  private void looked(DeviceState state) {
    set.looked(Lone.GPU, state, turn());
  }

  private void ended(Outcome outcome, DeviceState found) {
    set.ended(report(outcome, found, null), turn());
  }

  /** Of the call that is out; of one that stopped the device where none is. */
  private HopReport report(Outcome outcome, DeviceState found, String error) {
    DeviceState heading = device().heading();
    boolean another = heading != null && heading != STOPS.to();
    Hop hop = another ? new Hop(device().state(), heading) : STOPS;
    return new HopReport(Lone.GPU, hop, outcome, found, error, now, now);
  }

  private DeviceReport device() {
    return set.reports().getFirst();
  }
}
