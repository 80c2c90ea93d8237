package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** An operator's word in place of a lost host's receipt, and the lost host that comes back. */
class OperatorsWordTest {
  private static final long LEASE = Pair.LEASE_MILLIS * 1_000_000;
  private static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);
  private static final Hop THAW = new Hop(DeviceState.STOP, DeviceState.RUNNING_P2P);

  private final Pair pair = new Pair(3, Capabilities.ofFlags(7));

  @Test
  void aSealedSourceRunsAgainOnTheWordThatItsDestinationIsFenced() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    taken(pair.ask(pair.source, reclaim(stop)));
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns);
    assertEquals(WORD, pair.source.receipt(Receipt.Reclaimed.class).word());
    taken(pair.ask(pair.source, reclaim(stop))); // said twice: the same answer
    assertEquals(1, pair.source.slate.stream().filter(Fact.Reclaimed.class::isInstance).count());
    refused(Refusal.Code.RESOLVED, pair.ask(pair.source, new Request.Quiesce(pair.header())));
    taken(pair.ask(pair.source, new Request.Close(pair.header())));
    assertEquals("vm", owner(pair.source));
  }

  @Test
  void theWordIsAboutOneStopAndOneDestination() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    var later = new Stop(stop.incarnation(), stop.number() + 1);
    refused(Refusal.Code.OTHER_STOP, pair.ask(pair.source, reclaim(later)));
    var other = new Request.Reclaim(pair.header(), stop, new HostName("host-c"), WORD);
    refused(Refusal.Code.SEALED, pair.ask(pair.source, other));
    assertEquals(Set.of(DeviceState.STOP_COPY), states(pair.source));
  }

  @Test
  void aReleasedSourceTakesNothingBack() {
    Stop stop = untilSealed();
    // a device that cannot be reset keeps the released claim open
    taken(pair.ask(pair.source, release(stop)));
    refused(Refusal.Code.RELEASED, pair.ask(pair.source, reclaim(stop)));
  }

  @Test
  void aDestinationThatComesBackWithItsCopyVoidsIt() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    taken(pair.ask(pair.source, reclaim(stop)));
    pair.destination.reachable = true;
    pair.pass(LEASE + 1_000); // it hears nothing for a lease, then asks
    assertEquals(stop, pair.destination.receipt(Receipt.Voided.class).stop());
    assertNull(owner(pair.destination));
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
  }

  @Test
  void aStartedDestinationThatIsSwitchedOnAgainNeverRunsBesideTheSource() {
    Stop stop = untilStartedUnheard();
    taken(pair.ask(pair.source, reclaim(stop)));
    neverBoth();
    pair.destination.reachable = true;
    pair.destination.guestRuns = false;
    pair.destination.devices.replaceAll((name, state) -> DeviceState.STOP);
    pair.destination.restart();
    pair.pass(1_000);
    assertTrue(pair.destination.slate.contains(new Fact.Overruled(Pair.ID, stop, WORD)));
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
    assertNull(owner(pair.destination));
    assertTrue(pair.source.guestRuns);
  }

  /** The operator was wrong: it was never off. It ends there all the same once it is heard. */
  @Test
  void aDestinationThatRanAllTheWhileIsBroughtToAStandBeforeItIsReset() {
    Stop stop = untilStartedUnheard();
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
    taken(pair.ask(pair.source, reclaim(stop)));
    Set<DeviceState> reset = new TreeSet<>();
    pair.onReset = (host, device) -> reset.add(host.devices.get(device));
    pair.destination.reachable = true;
    pair.pass(1_000);
    assertEquals(Set.of(DeviceState.STOP), reset);
    assertFalse(pair.destination.guestRuns);
    assertEquals(stop, pair.destination.receipt(Receipt.Voided.class).stop());
    assertTrue(pair.source.guestRuns);
  }

  @Test
  void theSourceStillAnswersAfterItsClaimIsClosed() {
    Stop stop = untilStartedUnheard();
    taken(pair.ask(pair.source, reclaim(stop)));
    taken(pair.ask(pair.source, new Request.Close(pair.header())));
    pair.source.restart();
    pair.destination.reachable = true;
    pair.pass(1_000);
    assertFalse(pair.destination.guestRuns);
    assertTrue(pair.source.guestRuns);
  }

  @Test
  void aWholeCopyRunsOnTheWordThatTheSourceIsFenced() {
    Stop stop = untilSealedUnheard();
    taken(pair.ask(pair.destination, adopt(stop)));
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
    assertTrue(pair.destination.guestRuns);
    assertEquals(WORD, pair.destination.receipt(Receipt.Adopted.class).word());
    assertEquals(stop, pair.destination.receipt(Receipt.Started.class).stop());
    taken(pair.ask(pair.destination, adopt(stop)));
    assertEquals("vm", owner(pair.destination));
    refused(
        Refusal.Code.STARTED,
        pair.ask(pair.destination, new Request.VoidCopy(pair.header(), stop)));
  }

  @Test
  void noWordMakesHalfACopyRun() {
    untilFrozen();
    refused(Refusal.Code.NOT_READY, pair.ask(pair.destination, adopt(stop())));
    pair.source.reachable = false;
    pair.destination.restart();
    refused(Refusal.Code.VOIDED, pair.ask(pair.destination, adopt(stop())));
  }

  @Test
  void aSealedSourceThatComesBackLetsGo() {
    Stop stop = untilSealedUnheard();
    taken(pair.ask(pair.destination, adopt(stop)));
    neverBoth();
    pair.source.reachable = true;
    pair.source.restart();
    pair.pass(LEASE + 2_000);
    assertEquals(Standing.CLOSED, pair.source.report().standing());
    assertNull(owner(pair.source));
    assertEquals(Standing.CLOSED, pair.destination.report().standing());
  }

  /** It was never sealed: only the word stands between it and a second life of the guest. */
  @Test
  void anUnsealedSourceThatIsSwitchedOnAgainAsksBeforeItMoves() {
    Stop stop = untilReady();
    pair.source.reachable = false;
    taken(pair.ask(pair.destination, adopt(stop)));
    taken(pair.ask(pair.destination, new Request.Close(pair.header())));
    neverBoth();
    pair.source.reachable = true;
    pair.source.restart();
    pair.pass(3 * LEASE);
    assertTrue(pair.source.slate.stream().anyMatch(Fact.Yielded.class::isInstance));
    assertEquals(Standing.CLOSED, pair.source.report().standing());
    assertNull(owner(pair.source));
    assertFalse(pair.source.guestRuns);
    assertTrue(pair.destination.guestRuns);
  }

  /** The operator was wrong again: the source walked back when its lease ended. */
  @Test
  void aSourceThatRanAllTheWhileIsBroughtToAStandAndLetsGo() {
    Stop stop = untilReady();
    pair.source.reachable = false;
    taken(pair.ask(pair.destination, adopt(stop)));
    pair.pass(2 * LEASE);
    assertTrue(pair.source.guestRuns, "nobody could tell it");
    Set<DeviceState> reset = new TreeSet<>();
    pair.onReset = (host, device) -> reset.add(host.devices.get(device));
    pair.source.reachable = true;
    pair.pass(2 * LEASE);
    assertEquals(Set.of(DeviceState.STOP), reset);
    assertFalse(pair.source.guestRuns);
    assertNull(owner(pair.source));
    assertEquals(Standing.CLOSED, pair.source.report().standing());
    assertTrue(pair.destination.guestRuns);
  }

  @Test
  void aRestartedSourceWhosePeerIsSilentWaitsOneLeaseAndNoLonger() {
    untilReady();
    pair.destination.reachable = false;
    pair.source.restart();
    assertEquals(Set.of(DeviceState.STOP_COPY), states(pair.source));
    pair.pass(LEASE + 1_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns);
  }

  @Test
  void aRestartedDestinationWhosePeerIsSilentWaitsOneLeaseAndNoLonger() {
    untilStartedUnheard();
    pair.destination.devices.replaceAll((name, state) -> DeviceState.STOP);
    pair.destination.restart();
    assertEquals(Set.of(DeviceState.STOP), states(pair.destination));
    pair.pass(LEASE + 1_000);
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.destination));
  }

  @Test
  void whatNeitherRunsNorMayRevertIsGivenUpOnAWord() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    thaws(DeviceState.STOP);
    pair.destination.reachable = true;
    pair.pass(1_000);
    refused(
        Refusal.Code.STARTED,
        pair.ask(pair.destination, new Request.VoidCopy(pair.header(), stop)));
    taken(pair.ask(pair.destination, surrender(stop)));
    pair.pass(1_000);
    assertEquals(stop, pair.destination.receipt(Receipt.Voided.class).stop());
    assertEquals(Set.of(DeviceState.RUNNING), states(pair.source));
    assertTrue(pair.source.guestRuns);
  }

  /** One device has left STOP: on the receipt for that the source has let go of its copy. */
  @Test
  void theOnlyStateThatIsLeftIsNotGivenUpWhateverTheOperatorSays() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    thaws(DeviceState.RUNNING_P2P);
    pair.destination.reachable = true;
    pair.pass(1_000);
    assertNull(owner(pair.source), "it was released");
    refused(Refusal.Code.STARTED, pair.ask(pair.destination, surrender(stop)));
    pair.destination.restart();
    refused(Refusal.Code.STARTED, pair.ask(pair.destination, surrender(stop)));
  }

  @Test
  void aSetThatRunsIsNotSurrenderedWhateverTheOperatorSays() {
    Stop stop = untilStartedUnheard();
    refused(Refusal.Code.STARTED, pair.ask(pair.destination, surrender(stop)));
    assertTrue(pair.destination.guestRuns);
  }

  /** The destination's d1 breaks as it leaves STOP, the others get this far. */
  private void thaws(DeviceState others) {
    pair.obeys =
        (host, move) -> {
          if (host == pair.destination && move.hop().equals(THAW)) {
            return move.device().value().equals("d1") ? DeviceState.ERROR : others;
          }
          return move.hop().to();
        };
  }

  private Request.Surrender surrender(Stop stop) {
    var header = new Header(Pair.ID, new Epoch(1, "orchestrator"), 0, 0);
    return new Request.Surrender(header, stop, WORD);
  }

  /** From here on a device of one host must not leave STOP while the other's guest runs. */
  private void neverBoth() {
    pair.obeys =
        (host, move) -> {
          Pair.Host other = host == pair.source ? pair.destination : pair.source;
          assertFalse(
              other.guestRuns && move.hop().to().mayChange(), host.name + " runs too: " + move);
          return move.hop().to();
        };
  }

  private Request.Reclaim reclaim(Stop stop) {
    return new Request.Reclaim(pair.header(), stop, Pair.DESTINATION, WORD);
  }

  private Request.Adopt adopt(Stop stop) {
    return new Request.Adopt(pair.header(), stop, WORD);
  }

  private Request.Release release(Stop stop) {
    return new Request.Release(pair.header(), new Receipt.Started(Pair.ID, stop, Pair.DESTINATION));
  }

  private void untilFrozen() {
    pair.destination.guestRuns = false;
    taken(pair.ask(pair.source, new Request.ClaimSource(pair.header(), pair.spec(pair.source))));
    var claim = new Request.ClaimDestination(pair.header(), pair.spec(pair.destination));
    taken(pair.ask(pair.destination, claim));
    taken(pair.ask(pair.source, new Request.Quiesce(pair.header())));
    taken(pair.ask(pair.source, new Request.Freeze(pair.header(), stop())));
  }

  private Stop untilReady() {
    untilFrozen();
    taken(pair.ask(pair.source, new Request.Copy(pair.header(), stop())));
    taken(pair.ask(pair.destination, new Request.Load(pair.header())));
    return stop();
  }

  private Stop untilSealed() {
    Stop stop = untilReady();
    var ready = pair.destination.receipt(Receipt.Ready.class);
    taken(pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
    return stop;
  }

  /** The source is lost at the moment of its seal. */
  private Stop untilSealedUnheard() {
    Stop stop = untilReady();
    pair.source.reachable = false;
    var ready = pair.destination.receipt(Receipt.Ready.class);
    taken(pair.ask(pair.source, new Request.Seal(pair.header(), ready)));
    return stop;
  }

  /** The destination runs, and is lost before anybody hears of it. */
  private Stop untilStartedUnheard() {
    pair.destination.reachable = false;
    Stop stop = untilSealed();
    var seal = pair.source.receipt(Receipt.Sealed.class);
    taken(pair.ask(pair.destination, new Request.Start(pair.header(), seal)));
    return stop;
  }

  private Stop stop() {
    Stop stop = pair.source.report().stop();
    assertNotNull(stop);
    return stop;
  }

  private static String owner(Pair.Host host) {
    return host.claims.devices().firstEntry().getValue().vm();
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
