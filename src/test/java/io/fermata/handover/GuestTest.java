package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.GuestTimes;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A guest that somebody else pauses, lets run, or ends, while its devices are handed over. */
class GuestTest {
  private final Pair pair =
      new Pair(2, Capabilities.of(Capability.STOP_COPY, Capability.P2P, Capability.PRE_COPY));

  @Test
  void aGuestThatWasPausedBeforeStaysSoOnTheWayBack() {
    held();
    untilFrozen();
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    assertEquals(Set.of(DeviceState.RUNNING), new TreeSet<>(pair.source.devices.values()));
    assertEquals(GuestState.HELD, pair.source.report().guest());
    assertEquals(Progress.REACHED, pair.source.report().progress());
    assertFalse(pair.source.guestRuns);
    assertNull(pair.source.report().guestTimes(), "nobody was made to wait");
  }

  @Test
  void aGuestThatWasPausedBeforeStaysSoAtTheDestinationAlsoAfterARestart() {
    held();
    Receipt.Sealed seal = untilSealed();
    assertEquals(GuestState.HELD, seal.guest());
    pair.destination.guestRuns = false;
    taken(pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
    assertEquals(GuestState.HELD, pair.destination.report().guest());
    assertEquals(Progress.REACHED, pair.destination.report().progress());
    pair.destination.restart();
    pair.pass(2 * Pair.LEASE_MILLIS * 1_000_000);
    assertEquals(Set.of(DeviceState.RUNNING), new TreeSet<>(pair.destination.devices.values()));
    assertFalse(pair.destination.guestRuns);
  }

  @Test
  void aSetWhoseGuestStaysPausedIsClosedOnceTheSourceHasLetGo() {
    held();
    pair.source.reachable = false;
    Receipt.Sealed seal = untilSealed();
    pair.destination.guestRuns = false;
    taken(pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
    assertEquals(Standing.OPEN, pair.destination.report().standing());
    pair.destination.restart();
    pair.pass(2 * Pair.LEASE_MILLIS * 1_000_000);
    assertEquals(Standing.OPEN, pair.destination.report().standing());
    assertFalse(pair.destination.guestRuns);
    pair.source.reachable = true;
    pair.pass(2 * Pair.TIMINGS.peerNanos());
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
    assertEquals(GuestState.HELD, pair.destination.report().guest());
  }

  @Test
  void nothingIsSealedOfAGuestThatSomebodyLetRunWhileItsDevicesHeldStill() {
    untilFrozen();
    loaded();
    pair.source.on(new Event.GuestSeen(Pair.ID, GuestState.RUNNING));
    pair.now += 1_000;
    pair.source.tick(); // it is not paused again: that would only hide it
    assertEquals(GuestState.RUNNING, pair.source.report().guest());
    assertEquals(Progress.STUCK, pair.source.report().progress());
    var ready = pair.destination.receipt(Receipt.Ready.class);
    refused(Refusal.Code.NOT_FROZEN, pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    assertEquals(Progress.REACHED, pair.source.report().progress());
  }

  @Test
  void whatIsSeenOfAGuestThatRunsHereChangesNothing() {
    claimed();
    pair.source.on(new Event.GuestSeen(Pair.ID, GuestState.GONE));
    assertEquals(GuestState.UNKNOWN, pair.source.report().guest());
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    assertEquals(Progress.REACHED, pair.source.report().progress());
  }

  @Test
  void aGuestThatEndedIsNotWaitedForOnTheWayBack() {
    untilFrozen();
    pair.source.on(new Event.GuestSeen(Pair.ID, GuestState.GONE));
    assertEquals(Progress.STUCK, pair.source.report().progress());
    pair.guests = (host, e) -> new Event.GuestIs(e.migration(), GuestState.GONE);
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    assertEquals(GuestState.GONE, pair.source.report().guest());
    assertEquals(Progress.REACHED, pair.source.report().progress());
    taken(pair.ask(pair.source, new Request.Close(pair.header())));
  }

  @Test
  void noHopIsIssuedForAGuestThatDoesNotAnswer() {
    claimed();
    pair.guests = (host, e) -> new Event.GuestIs(e.migration(), GuestState.SILENT);
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    assertEquals(Progress.STUCK, pair.source.report().progress());
    assertEquals(GuestState.SILENT, pair.source.report().guest());
    assertEquals(Set.of(DeviceState.RUNNING), new TreeSet<>(pair.source.devices.values()));
  }

  @Test
  void aDestinationWhoseGuestIsGoneHasStartedAndDoesNotRun() {
    var well = pair.guests;
    pair.guests =
        (host, e) ->
            host == pair.source
                ? well.apply(host, e)
                : new Event.GuestIs(e.migration(), GuestState.GONE);
    Receipt.Sealed seal = untilSealed();
    taken(pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
    assertEquals(Progress.STUCK, pair.destination.report().progress());
    assertEquals(GuestState.GONE, pair.destination.report().guest());
    assertNotNull(pair.destination.receipt(Receipt.Started.class));
  }

  @Test
  void eachHostTellsWhenItPausedTheGuestAndWhenItRan() {
    claimed();
    pair.now = 5_000_000;
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    assertEquals(new GuestTimes(5_000_000L, null), pair.source.report().guestTimes());
    pair.now = 5_300_000;
    taken(pair.ask(pair.source, new Request.Return(pair.header())));
    assertEquals(new GuestTimes(5_000_000L, 5_300_000L), pair.source.report().guestTimes());
    pair.now = 5_600_000;
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    assertEquals(new GuestTimes(5_600_000L, null), pair.source.report().guestTimes());
  }

  private void held() {
    pair.guests = (host, e) -> new Event.GuestIs(e.migration(), GuestState.HELD);
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
    return Objects.requireNonNull(pair.source.report().stop());
  }

  private static void taken(Answer answer) {
    assertNull(answer.refusal(), () -> String.valueOf(answer.refusal()));
  }

  private static void refused(Refusal.Code code, Answer answer) {
    assertTrue(answer.refusal() != null && answer.refusal().code() == code, answer::toString);
  }
}
