package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Stories of one hand-over between two agents, each broken at one place. */
class HandOverTest {
  private static final Hop THAW = new Hop(DeviceState.STOP, DeviceState.RUNNING_P2P);
  private static final long LEASE = Pair.LEASE_MILLIS * 1_000_000;

  private final Pair pair = new Pair(3, Capabilities.ofFlags(7));

  @Test
  void aWholeHandOverEndsAtTheDestination() {
    Receipt.Sealed seal = untilSealed();
    taken(pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
    var started = pair.destination.receipt(Receipt.Started.class);
    taken(pair.ask(pair.source, new Request.Release(pair.header(), started)));
    pair.pass(1_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
    assertTrue(pair.destination.guestRuns);
    assertFalse(pair.source.guestRuns);
    assertEquals(Standing.CLOSED, pair.source.report().standing());
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
    assertEquals(0, pair.source.claims.awake() + pair.destination.claims.awake());
    assertEquals("vm", pair.destination.claims.devices().firstEntry().getValue().vm());
    assertNull(pair.source.claims.devices().firstEntry().getValue().vm());
  }

  @Test
  void aSealedHandOverSettlesWithNoOrchestrator() {
    untilSealed();
    pair.pass(2_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
    assertEquals(Standing.CLOSED, pair.source.report().standing());
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
  }

  @Test
  void aFrozenSourceWalksBackWhenItsLeaseEnds() {
    untilFrozen();
    pair.pass(LEASE + 1_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns, "its guest must run again");
  }

  @Test
  void aSealedSourceNeverMovesByItself() {
    pair.destination.reachable = false;
    untilSealed();
    pair.pass(20 * LEASE);
    assertEquals(Set.of(DeviceState.STOP_COPY), states(pair.source));
    pair.source.restart();
    pair.pass(20 * LEASE);
    assertEquals(Set.of(DeviceState.STOP_COPY), states(pair.source));
    refused(Refusal.Code.SEALED, pair.ask(pair.source, new Request.Return(pair.header())));
  }

  @Test
  void aRenewalNeverRevivesALease() {
    untilFrozen();
    pair.now += LEASE + 1; // no tick in between: the renewal comes first
    Answer answer = pair.ask(pair.source, new Request.Renew(pair.header()));
    assertEquals(Goal.RUNNING, pair.source.report().goal());
    taken(answer);
  }

  @Test
  void aDestinationThatIsReadyToLoadAnswersItsClaimAtOnce() {
    var claim = new Request.ClaimDestination(pair.header(1), pair.spec(pair.destination));
    taken(pair.ask(pair.destination, claim));
    var again = new Request.ClaimDestination(pair.header(2), pair.spec(pair.destination));
    taken(pair.ask(pair.destination, again)); // a restarted orchestrator must not wait for images
    assertEquals(Goal.STOPPED, pair.destination.report().goal());
  }

  @Test
  void aSealForAnOlderStopIsRefused() {
    untilFrozen();
    loaded();
    var old = pair.destination.receipt(Receipt.Ready.class);
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    taken(pair.ask(pair.source, new Request.Freeze(pair.header(), stop())));
    refused(Refusal.Code.OTHER_STOP, pair.ask(pair.source, new Request.Seal(pair.header(), old)));
  }

  @Test
  void aSealNamesOneDestination() {
    untilFrozen();
    loaded();
    var ready = pair.destination.receipt(Receipt.Ready.class);
    var other = new Receipt.Ready(Pair.ID, ready.stop(), new HostName("host-c"), ready.images());
    refused(
        Refusal.Code.OTHER_DESTINATION,
        pair.ask(pair.source, new Request.Seal(pair.header(), other)));
    pair.destination.reachable = false;
    taken(pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
    refused(Refusal.Code.SEALED, pair.ask(pair.source, new Request.Seal(pair.header(), other)));
    taken(pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
  }

  @Test
  void aDestinationThatLostItsCopyVoidsAndTheSourceRunsAgain() {
    pair.destination.reachable = false;
    untilSealed();
    pair.destination.restart(); // before it heard of the seal
    pair.destination.reachable = true;
    pair.pass(3_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns);
    assertNotNull(pair.destination.receipt(Receipt.Voided.class));
  }

  @Test
  void aStartThatMovesNothingIsTakenBack() {
    pair.obeys =
        (host, move) ->
            host == pair.destination && move.hop().equals(THAW)
                ? DeviceState.STOP
                : move.hop().to();
    pair.destination.reachable = true;
    untilSealed();
    pair.pass(10_000);
    assertNotNull(pair.destination.receipt(Receipt.Voided.class));
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
  }

  @Test
  void aStartThatMovedOneDeviceIsNeverVoided() {
    pair.obeys =
        (host, move) ->
            host == pair.destination
                    && move.hop().equals(THAW)
                    && !move.device().value().equals("d0")
                ? DeviceState.STOP
                : move.hop().to();
    Receipt.Sealed seal = untilSealed();
    pair.pass(10_000);
    refused(
        Refusal.Code.STARTED,
        pair.ask(pair.destination, new Request.VoidCopy(pair.header(), seal.stop())));
    assertNotNull(pair.destination.receipt(Receipt.Started.class));
    pair.obeys = (host, move) -> move.hop().to();
    pair.pass(10_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
  }

  @Test
  void whatWasVoidedIsNeverStarted() {
    pair.destination.reachable = false;
    Receipt.Sealed seal = untilSealed();
    taken(pair.ask(pair.destination, new Request.VoidCopy(pair.header(), seal.stop())));
    pair.destination.restart();
    refused(
        Refusal.Code.VOIDED, pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
  }

  @Test
  void aDestinationDoesNotStartWithoutASeal() {
    untilFrozen();
    loaded();
    pair.pass(LEASE / 2);
    assertEquals(Set.of(DeviceState.STOP), states(pair.destination));
    Receipt.Ready ready = pair.destination.receipt(Receipt.Ready.class);
    var forged = new Receipt.Sealed(Pair.ID, ready.stop(), new HostName("host-c"), ready.images());
    refused(
        Refusal.Code.OTHER_DESTINATION,
        pair.ask(pair.destination, new Request.Start(pair.header(), forged)));
  }

  @Test
  void aLowerEpochIsRefusedAndThePromiseSurvivesARestart() {
    claimed();
    taken(pair.ask(pair.source, new Request.Renew(pair.header(5))));
    refused(Refusal.Code.STALE_EPOCH, pair.ask(pair.source, new Request.Renew(pair.header(4))));
    pair.source.restart();
    refused(Refusal.Code.STALE_EPOCH, pair.ask(pair.source, new Request.Renew(pair.header(4))));
  }

  @Test
  void stopNumbersGoOnAfterARestart() {
    untilFrozen();
    Stop first = stop();
    pair.source.restart();
    pair.pass(1_000);
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    assertFalse(first.equals(stop()), "a stop number was used twice");
  }

  @Test
  void anUnsealedSourceThatRestartsFrozenWalksBack() {
    untilFrozen();
    pair.source.restart();
    pair.pass(1_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns);
  }

  @Test
  void aFreezeBeforeGateOneIsRefused() {
    claimed();
    refused(
        Refusal.Code.OTHER_STOP,
        pair.ask(pair.source, new Request.Freeze(pair.header(), new Stop("x", 1))));
    pair.obeys =
        (host, move) -> move.device().value().equals("d1") ? move.hop().from() : move.hop().to();
    pair.ask(pair.source, new Request.Quiesce(pair.header()));
    assertEquals(Progress.STUCK, pair.source.report().progress());
    refused(
        Refusal.Code.NOT_QUIESCED,
        pair.ask(pair.source, new Request.Freeze(pair.header(), stop())));
  }

  @Test
  void theGuestIsPausedBeforeTheFirstHopAndRunsAfterTheLast() {
    claimed();
    pair.obeys =
        (host, move) -> {
          assertFalse(host == pair.source && host.guestRuns, "a hop of a running guest: " + move);
          return move.hop().to();
        };
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    assertTrue(pair.source.guestRuns);
  }

  private void claimed() {
    taken(pair.ask(pair.source, new Request.ClaimSource(pair.header(), pair.spec(pair.source))));
    taken(
        pair.ask(
            pair.destination,
            new Request.ClaimDestination(pair.header(), pair.spec(pair.destination))));
  }

  private void untilFrozen() {
    claimed();
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    taken(pair.ask(pair.source, new Request.Freeze(pair.header(), stop())));
  }

  private void loaded() {
    taken(pair.ask(pair.source, new Request.Copy(pair.header(), stop())));
    taken(pair.ask(pair.destination, new Request.Load(pair.header())));
  }

  private Receipt.Sealed untilSealed() {
    untilFrozen();
    loaded();
    var ready = pair.destination.receipt(Receipt.Ready.class);
    taken(pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
    return pair.source.receipt(Receipt.Sealed.class);
  }

  private Stop stop() {
    Stop stop = pair.source.report().stop();
    assertNotNull(stop);
    return stop;
  }

  private static Set<DeviceState> states(Pair.Host host) {
    return new TreeSet<>(host.devices.values());
  }

  private static void taken(Answer answer) {
    assertNull(answer.refusal(), () -> String.valueOf(answer.refusal()));
  }

  private static void refused(Refusal.Code code, Answer answer) {
    assertNotNull(answer.refusal(), "it was taken");
    assertEquals(code, answer.refusal().code());
  }
}
