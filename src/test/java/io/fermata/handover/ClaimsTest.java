package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which claims a host takes, who owns its devices, and what is the same on both sides. */
class ClaimsTest {
  private static final DeviceName GPU = Lone.GPU;
  private static final DeviceName NIC = Lone.NIC;
  private static final Stop STOP = new Stop("slate", 1);

  @Test
  void aClaimIsForThisHostAndForDevicesThatItHolds() {
    Lone a = Lone.source();
    ClaimSpec elsewhere = a.spec(Lone.B, a.spec().devices());
    a.refused(Code.WRONG_HOST, new Request.ClaimSource(a.header(), elsewhere), Lone.A, Lone.B);
    var other = new DevicePair(new DeviceName("other"), NIC);
    ClaimSpec unknown = a.spec(Lone.A, List.of(other));
    a.refused(Code.UNKNOWN_DEVICE, new Request.ClaimSource(a.header(), unknown), "other", Lone.A);
    assertEquals(Optional.empty(), a.claims.report(Lone.ID));
    assertTrue(a.claims.all().isEmpty());
  }

  @Test
  void aDeviceWithoutMigrationSupportIsNotClaimed() {
    Lone a = Lone.of(Side.SOURCE, Capabilities.ofFlags(2), GPU);
    a.refused(Code.CANNOT_MIGRATE, new Request.ClaimSource(a.header(), a.spec()), GPU);
  }

  @Test
  void aDeviceWithoutP2pIsClaimedAloneOnly() {
    Lone two = Lone.of(Side.SOURCE, Capabilities.ofFlags(1), GPU, NIC);
    two.refused(Code.LACKS_P2P, new Request.ClaimSource(two.header(), two.spec()), GPU);
    Lone one = Lone.of(Side.SOURCE, Capabilities.ofFlags(1), GPU);
    one.taken(new Request.ClaimSource(one.header(), one.spec()));
  }

  @Test
  void aDeviceOfAnotherMachineIsNotClaimed() {
    Lone a = Lone.source();
    ClaimSpec s = a.spec();
    var other =
        new ClaimSpec("vm-2", s.devices(), s.self(), s.peer(), s.peerUrl(), "data:1", "t", 1);
    a.refused(Code.DEVICE_CLAIMED, new Request.ClaimSource(a.header(), other), GPU, "vm");
    Lone free = Lone.destination();
    ClaimSpec swapped =
        free.spec(Lone.B, List.of(new DevicePair(GPU, GPU), new DevicePair(NIC, NIC)));
    free.refused(Code.PART_OF_SET, new Request.ClaimSource(free.header(), swapped), "belong");
    a.refused(Code.DEVICE_CLAIMED, new Request.ClaimDestination(a.header(), a.spec()), "vm");
  }

  @Test
  void aClaimThatIsTakenIsOnDiskWithItsEpochAndEveryDeviceIsRead() {
    Lone a = Lone.source();
    var request = new Request.ClaimSource(a.header(), a.spec());
    Turn turn = a.on(new Event.Asked(request, new Ticket(1, 0)));
    var fact = new Fact.Claimed(Lone.ID, Side.SOURCE, a.spec(), new Epoch(1, "o1"));
    assertEquals(List.of(fact), turn.facts());
    assertEquals(
        List.of(new Effect.Look(Lone.ID, GPU), new Effect.Look(Lone.ID, NIC)),
        Lone.in(turn, Effect.Look.class));
    assertEquals(1, a.claims.all().size());
    Claim claim = a.claims.all().iterator().next();
    assertEquals(Lone.ID, claim.migration());
    assertEquals(Side.SOURCE, claim.side());
    assertEquals(a.spec(), claim.spec());
    assertEquals(Optional.of(claim), a.claims.holder(GPU));
    assertEquals(Optional.empty(), a.claims.holder(new DeviceName("other")));
  }

  @Test
  void aDeviceIsHeldByOneClaimUntilItIsClosed() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
    var second = new MigrationId("second");
    var header = new Header(second, new Epoch(1, "o1"), 0, 0);
    a.refused(Code.DEVICE_CLAIMED, new Request.ClaimSource(header, a.spec()), GPU, Lone.ID);
    a.taken(new Request.Close(a.header()));
    assertEquals(Optional.empty(), a.claims.holder(GPU));
    a.taken(new Request.ClaimSource(header, a.spec()));
  }

  /** Whoever lost his own memory reads it page by page. */
  @Test
  void claimsAreRememberedAfterAnIdInTheirOrderAndNoMoreThanAskedFor() {
    Lone a = Lone.source();
    var ids = List.of(Lone.ID, new MigrationId("m0000002"), new MigrationId("m0000003"));
    for (MigrationId id : ids.reversed()) {
      var header = new Header(id, new Epoch(1, "o1"), 0, 0);
      a.taken(new Request.ClaimSource(header, a.spec()));
      a.devices.keySet().forEach(d -> a.on(new Event.Looked(id, d, DeviceState.RUNNING)));
      a.taken(new Request.Close(header));
    }
    assertEquals(ids, remembered(a, null, 10));
    assertEquals(ids.subList(0, 2), remembered(a, null, 2));
    assertEquals(ids.subList(1, 2), remembered(a, ids.getFirst(), 1));
    assertEquals(List.of(), remembered(a, ids.getLast(), 10));
  }

  @Test
  void aClaimRemembersTheKindsOfItsReceipts() {
    Lone b = loadedDestination();
    assertEquals(List.of("Ready"), b.claims.remembered(null, 1).getFirst().receipts());
  }

  /** A host remembers far more claims than it has. */
  @Test
  void timePassesForOpenClaimsAlone() {
    Lone a = Lone.source();
    assertEquals(0, a.claims.awake());
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
    a.tick();
    assertEquals(1, a.claims.awake());
    a.taken(new Request.Close(a.header()));
    a.tick();
    assertEquals(0, a.claims.awake());
  }

  @Test
  void aHostWithoutTheClaimSaysSoAndWhatItKnowsOfTheOther() {
    Lone a = Lone.source();
    a.now = 70;
    Answer answer = a.ask(new Request.Renew(a.header()));
    assertNull(answer.report());
    assertEquals(Code.UNKNOWN_CLAIM, Objects.requireNonNull(answer.refusal()).code());
    assertTrue(answer.refusal().detail().contains("no claim for " + Lone.ID));
    assertEquals(List.of(69L, 70L), List.of(answer.receivedNanos(), answer.answeredNanos()));
    assertEquals("host-a-process", answer.agent());
    var word = a.hears(new PeerMessage.Inquire(Lone.ID, STOP));
    assertEquals(new PeerMessage.Word(Lone.ID, null, PeerMessage.Standing.PENDING), word);
    Turn dropped = a.word(null, PeerMessage.Standing.GONE);
    assertEquals(List.of(), dropped.effects());
    assertEquals(List.of(), dropped.facts());
  }

  @Test
  void aHostThatCannotReadItsSlateObeysNobody() {
    Lone a = Lone.source();
    assertEquals(Optional.empty(), a.claims.quiet());
    a.claims.keepQuiet("checksum of line 7");
    assertEquals(Optional.of("checksum of line 7"), a.claims.quiet());
    a.refused(Code.SLATE_UNREADABLE, new Request.ClaimSource(a.header(), a.spec()), "line 7");
    a.refused(Code.SLATE_UNREADABLE, new Request.Renew(a.header()), "line 7");
  }

  @Test
  void theOwnerChangesWithTheFactsOfTheHandOver() {
    Lone b = loadedDestination();
    b.taken(new Request.Start(b.header(), new Receipt.Sealed(Lone.ID, STOP, Lone.B, b.images())));
    assertEquals("vm", owner(b));
    assertEquals(Lone.ALL, b.claims.devices().get(GPU).offered());
    for (Effect.Move move : b.wants(Effect.Move.class)) {
      b.moves(move, DeviceState.STOP);
    }
    b.taken(new Request.VoidCopy(b.header(), STOP));
    assertNull(owner(b));
    b.restart();
    assertNull(owner(b), "and the same again from the slate");
  }

  /** A start that is given up by itself, at a tick, changes the owner as well. */
  @Test
  void theOwnerChangesAtATickToo() {
    Lone b = loadedDestination();
    b.taken(new Request.Start(b.header(), new Receipt.Sealed(Lone.ID, STOP, Lone.B, b.images())));
    for (int i = 0; i < Lone.TIMINGS.startAttempts(); i++) {
      List<Effect.Move> moves = b.wants(Effect.Move.class);
      b.effects.clear();
      moves.forEach(move -> b.moves(move, DeviceState.STOP));
      b.after(Lone.TIMINGS.retryNanos());
    }
    assertEquals(1, b.facts(Fact.Voided.class).size());
    assertNull(owner(b));
  }

  /** Two claims may both be over; what the older one still records is not about these devices. */
  @Test
  void aClosedClaimGivesItsDevicesToNobody() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
    a.taken(new Request.Close(a.header()));
    assertEquals("vm", owner(a));
    a.restart();
    assertEquals("vm", owner(a));
  }

  @Test
  void aSlateWithFactsOfAClaimThatWasNeverMadeIsNotBelieved() {
    Lone a = Lone.source();
    a.slate.add(new Fact.Closed(Lone.ID));
    String said = assertThrows(IllegalArgumentException.class, a::restart).getMessage();
    assertEquals("the slate has facts of a claim that it never made: " + Lone.ID, said);
  }

  @Test
  void stopNumbersGoOnFromTheHighestOfThisSlate() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
    a.slate.add(new Fact.Stopped(Lone.ID, new Stop("host-a-slate", 7)));
    a.slate.add(new Fact.Stopped(Lone.ID, new Stop("host-a-slate", 5)));
    a.slate.add(new Fact.Stopped(Lone.ID, new Stop("another slate", 90)));
    a.restart();
    a.after(Lone.LEASE);
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(new Stop("host-a-slate", 8), a.stop());
  }

  @Test
  void aDeviceThatIsGoneSinceTheSlateWasWrittenOffersNothing() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    var claims = new Claims(Lone.A, "x", Map.of(GPU, new Claims.Holding(Lone.ALL, "vm")));
    Turn turn = new Turn(1, "agent", Lone.TIMINGS);
    claims.restore(a.slate, turn);
    assertEquals(
        List.of(new Effect.Look(Lone.ID, GPU), new Effect.Look(Lone.ID, NIC)), turn.effects());
    assertEquals(1, claims.devices().size());
  }

  @Test
  void aSetWhoseDescriptorsComeAfterARestartWalksBackThen() {
    Lone a = quiescing();
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING_P2P), Set.copyOf(a.devices.values()));
    var there = Map.copyOf(a.devices);
    a.devices.clear();
    a.lacks(GPU, NIC);
    a.restart();
    for (int i = 0; i < 5; i++) {
      a.obey();
      a.after(Lone.LEASE);
    }
    assertEquals(Map.of(), a.devices, "nothing is moved that nothing is known of");
    a.devices.putAll(there);
    there.keySet().forEach(each -> a.claims.offers(each, Lone.ALL));
    for (int i = 0; i < 5; i++) {
      a.obey();
      a.after(Lone.LEASE);
    }
    assertEquals(Set.of(DeviceState.RUNNING), Set.copyOf(a.devices.values()));
  }

  @Test
  void ownersChangeWithTheFactsAlsoOfDevicesWhoseDescriptorsAreAway() {
    Lone a = Lone.source();
    a.lacks(NIC);
    a.restart();
    a.refused(Code.UNKNOWN_DEVICE, new Request.ClaimSource(a.header(), a.spec()), NIC);
    var alone = a.spec(Lone.A, List.of(new DevicePair(GPU, GPU)));
    a.refused(Code.PART_OF_SET, new Request.ClaimSource(a.header(), alone), NIC);
    a.claims.offers(NIC, Lone.ALL);
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    var started = new Receipt.Started(Lone.ID, STOP, Lone.B);
    a.slate.add(new Fact.Released(Lone.ID, started));
    a.lacks(GPU, NIC);
    a.restart();
    a.claims.offers(GPU, Lone.ALL);
    assertNull(a.claims.devices().get(GPU).vm(), "the settings' owner does not come back");
    a.claims.offers(GPU, null);
    assertNull(a.claims.devices().get(GPU).offered());
  }

  @Test
  void aHigherEpochIsPromisedOnDiskAndALowerOrRivalOneRefused() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.epoch = 3;
    var renew = new Request.Renew(a.header());
    Turn turn = a.on(new Event.Asked(renew, new Ticket(1, 0)));
    assertEquals(List.of(new Fact.Promised(Lone.ID, new Epoch(3, "o1"))), turn.facts());
    assertEquals(new Epoch(3, "o1"), a.report().promised());
    a.taken(renew);
    assertEquals(1, a.facts(Fact.Promised.class).size());
    var rival = new Header(Lone.ID, new Epoch(3, "o2"), 0, 0);
    a.refused(Code.RIVAL_EPOCH, new Request.Renew(rival), "3@o1", "3@o2");
    a.epoch = 2;
    a.refused(Code.STALE_EPOCH, new Request.Renew(a.header()), "2@o1", "3@o1");
  }

  @Test
  void reportsAreNumberedInTheirOrder() {
    Lone a = Lone.source();
    ClaimReport first = a.taken(new Request.ClaimSource(a.header(), a.spec()));
    ClaimReport second = a.taken(new Request.Renew(a.header()));
    assertEquals(first.sequence() + 1, second.sequence());
  }

  @Test
  void anAnswerBringsTheHopsThatTheAskerHasNotSeen() {
    Lone a = quiescing();
    a.guest(GuestState.PAUSED);
    a.wants(Effect.Move.class).forEach(move -> a.moves(move, DeviceState.RUNNING_P2P));
    var seen = new Header(Lone.ID, new Epoch(1, "o1"), 0, 1);
    ClaimReport report = a.taken(new Request.Renew(seen));
    assertEquals(1, report.hops().size());
    assertEquals(2, report.hopsTotal());
  }

  @Test
  void bytesThatFlowAreReported() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.on(new Event.Flowed(Lone.ID, GPU, 7, 9L));
    assertEquals(7, a.device(GPU).movedBytes());
    assertEquals(9L, a.device(GPU).leftBytes());
  }

  @Test
  void aCallThatDoesNotReturnIsGivenUpAtATick() {
    Lone a = quiescing();
    a.guest(GuestState.PAUSED);
    a.after(Lone.TIMINGS.hopNanos());
    assertEquals(DeviceState.UNKNOWN, a.device(GPU).state());
    var hop = new Hop(DeviceState.RUNNING, DeviceState.RUNNING_P2P);
    HopReport lost = a.report().hops().isEmpty() ? null : a.report().hops().getFirst();
    assertNotNull(lost);
    assertEquals(hop, lost.requested());
  }

  @Test
  void aGuestThatDidNotPauseIsAskedAgainAfterAPauseOfItsOwn() {
    Lone a = quiescing();
    var pause = List.of(new Effect.Guest(Lone.ID, "vm", Side.SOURCE, false));
    a.now += 2 * Lone.TIMINGS.retryNanos();
    assertEquals(List.of(), Lone.in(a.tick(), Effect.Guest.class), "its answer is still out");
    a.effects.clear();
    a.guest(GuestState.RUNNING);
    assertEquals(pause, a.wants(Effect.Guest.class), "the last question is long ago");
    a.effects.clear();
    a.guest(GuestState.RUNNING);
    assertEquals(List.of(), Lone.in(a.after(199), Effect.Guest.class));
    assertEquals(pause, Lone.in(a.after(1), Effect.Guest.class));
    assertEquals(GuestState.UNKNOWN, a.report().guest(), "it may change from here on");
  }

  /** An answer that comes late belongs to the question before; it says nothing of this one. */
  @Test
  void onlyTheAnswerToTheLastQuestionSaysWhatTheGuestIs() {
    Lone a = quiescing();
    a.taken(new Request.Return(a.header()));
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(3, a.wants(Effect.Guest.class).size());
    a.guest(GuestState.PAUSED);
    assertEquals(GuestState.UNKNOWN, a.report().guest());
    a.guest(GuestState.RUNNING);
    assertEquals(GuestState.UNKNOWN, a.report().guest());
    assertEquals(List.of(), a.wants(Effect.Move.class));
    a.guest(GuestState.PAUSED);
    assertEquals(GuestState.PAUSED, a.report().guest());
    assertEquals(2, a.wants(Effect.Move.class).size());
  }

  @Test
  void aSecretIsNeverShown() {
    Lone a = Lone.source();
    ClaimSpec s = a.spec();
    var secret =
        new ClaimSpec(s.vm(), s.devices(), s.self(), s.peer(), s.peerUrl(), "d:1", "s3cret", 1);
    assertTrue(secret.toString().contains("host-a peer host-b"), secret.toString());
    assertTrue(!secret.toString().contains("s3cret"), secret.toString());
  }

  @Test
  void aHopIsJudgedByWhereTheDeviceWasFound() {
    var hop = new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP);
    List<HopReport.Outcome> judged = new ArrayList<>();
    for (DeviceState found :
        List.of(
            DeviceState.STOP,
            DeviceState.RUNNING_P2P,
            DeviceState.RUNNING,
            DeviceState.ERROR,
            DeviceState.UNKNOWN)) {
      judged.add(HopReport.judge(hop, found));
    }
    assertEquals(
        List.of(
            HopReport.Outcome.DONE,
            HopReport.Outcome.REFUSED,
            HopReport.Outcome.MOVED,
            HopReport.Outcome.FAULTED,
            HopReport.Outcome.UNKNOWN),
        judged);
  }

  @Test
  void everyTimeAndLimitOfAnAgentIsAboveNothing() {
    new Timings(1, 1, 1, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> new Timings(0, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Timings(1, 0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Timings(1, 1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Timings(1, 1, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Timings(1, 1, 1, 1, 0));
  }

  /** A claim that has been asked to quiesce and whose guest has not answered. */
  private static Lone quiescing() {
    Lone a = Lone.source();
    a.taken(new Request.ClaimSource(a.header(), a.spec()));
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
    return a;
  }

  private static Lone loadedDestination() {
    Lone b = Lone.destination();
    b.taken(new Request.ClaimDestination(b.header(), b.spec()));
    b.obey();
    b.imagesFlow(STOP);
    b.obey();
    return b;
  }

  private static List<MigrationId> remembered(Lone host, @Nullable MigrationId after, int limit) {
    return host.claims.remembered(after, limit).stream().map(Remembered::migration).toList();
  }

  private static String owner(Lone host) {
    return Objects.requireNonNull(host.claims.devices().get(GPU)).vm();
  }
}
