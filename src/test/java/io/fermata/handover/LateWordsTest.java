package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Words that arrive late, twice, or for less than a set: stories that the simulator found. */
class LateWordsTest {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");
  private static final DeviceName GPU = new DeviceName("gpu0");
  private static final DeviceName NIC = new DeviceName("nic0");
  private static final Timings TIMINGS = new Timings(10_000, 200, 200, 5, 10);
  private static final Epoch EPOCH = new Epoch(1, "o1");
  private static final Capabilities OFFERED = Capabilities.of(Capability.STOP_COPY, Capability.P2P);

  private final Map<DeviceName, Claims.Holding> held = new TreeMap<>();
  private long now;

  @Test
  void aVoidThatComesAfterTheClaimIsClosedTakesNoDeviceFromItsLaterOwner() {
    held.put(GPU, new Claims.Holding(OFFERED, null));
    var first = new MigrationId("first");
    var second = new MigrationId("second");
    Claims claims = new Claims(B, "i", held);
    var slate =
        List.<Fact>of(
            new Fact.Claimed(first, Side.DESTINATION, destination(), EPOCH),
            new Fact.Abandoned(first),
            new Fact.Closed(first),
            new Fact.Claimed(second, Side.DESTINATION, destination(), EPOCH),
            new Fact.Started(second, seal(second)),
            new Fact.Closed(second));
    claims.restore(slate, turn());
    assertEquals("vm-1", owner(claims));

    ask(claims, new Request.VoidCopy(header(first), new Stop("s", 1)));

    assertEquals("vm-1", owner(claims));
  }

  @Test
  void aClaimThatLeavesOutADeviceOfItsVmIsRefused() {
    held.put(GPU, new Claims.Holding(OFFERED, "vm-1"));
    held.put(NIC, new Claims.Holding(OFFERED, "vm-1"));
    Turn turn = ask(new Claims(A, "i", held), claim());
    assertEquals(Refusal.Code.PART_OF_SET, refusal(turn));
  }

  @Test
  void aFreeDeviceIsNoSource() {
    held.put(GPU, new Claims.Holding(OFFERED, null));
    Turn turn = ask(new Claims(A, "i", held), claim());
    assertEquals(Refusal.Code.PART_OF_SET, refusal(turn));
  }

  /** The kernel's GET waits behind a call of a process that is dead already. */
  @Test
  void nobodyWaitsForADriverThatDoesNotAnswerAndItsLateAnswerCounts() {
    held.put(GPU, new Claims.Holding(OFFERED, "vm-1"));
    Claims claims = new Claims(A, "i", held);
    var id = new MigrationId("first");
    ask(claims, claim());
    assertEquals(ClaimReport.Progress.MOVING, report(claims, id).progress());
    now += TIMINGS.hopNanos();
    for (int i = 0; i < 3; i++) {
      claims.tick(turn());
      now += TIMINGS.retryNanos();
    }
    assertEquals(ClaimReport.Progress.STUCK, report(claims, id).progress());
    assertEquals("its driver does not answer", report(claims, id).devices().getFirst().trouble());
    on(claims, new Event.Looked(id, GPU, DeviceState.RUNNING));
    assertEquals(ClaimReport.Progress.REACHED, report(claims, id).progress());
    assertEquals(null, report(claims, id).devices().getFirst().trouble());
  }

  private static ClaimReport report(Claims claims, MigrationId id) {
    return claims.report(id).orElseThrow();
  }

  /** The guest was let run again, has not answered yet, and is thought to be paused still. */
  @Test
  void noDeviceIsQuiescedOnThePauseOfAnEarlierStop() {
    held.put(GPU, new Claims.Holding(OFFERED, "vm-1"));
    Claims claims = new Claims(A, "i", held);
    var id = new MigrationId("first");
    ask(claims, claim());
    on(claims, new Event.Looked(id, GPU, DeviceState.RUNNING));
    ask(claims, new Request.Quiesce(header(id)));
    on(claims, new Event.GuestIs(id, GuestState.PAUSED));
    moved(claims, new Hop(DeviceState.RUNNING, DeviceState.RUNNING_P2P));
    ask(claims, new Request.Return(header(id)));
    Turn back = moved(claims, new Hop(DeviceState.RUNNING_P2P, DeviceState.RUNNING));
    assertTrue(back.effects().contains(new Effect.Guest(id, "vm-1", Side.SOURCE, true)));

    Turn again = ask(claims, new Request.Quiesce(header(id)));

    assertTrue(again.effects().stream().noneMatch(Effect.Move.class::isInstance), "too early");
  }

  private Turn moved(Claims claims, Hop hop) {
    var report = new HopReport(GPU, hop, Outcome.DONE, hop.to(), null, now, now);
    return on(claims, new Event.HopEnded(new MigrationId("first"), report));
  }

  private Turn ask(Claims claims, Request request) {
    return on(claims, new Event.Asked(request, new Ticket(++now, now)));
  }

  private Turn on(Claims claims, Event event) {
    Turn turn = turn();
    claims.on(event, turn);
    return turn;
  }

  private Turn turn() {
    return new Turn(++now, "agent", TIMINGS);
  }

  private static Refusal.@Nullable Code refusal(Turn turn) {
    return turn.effects().stream()
        .filter(Effect.Reply.class::isInstance)
        .map(e -> Objects.requireNonNull(((Effect.Reply) e).answer().refusal()).code())
        .findFirst()
        .orElse(null);
  }

  private static @Nullable String owner(Claims claims) {
    return Objects.requireNonNull(claims.devices().get(GPU)).vm();
  }

  private static Request.ClaimSource claim() {
    return new Request.ClaimSource(header(new MigrationId("first")), source());
  }

  private static Header header(MigrationId migration) {
    return new Header(migration, EPOCH, 0, 0);
  }

  private static Receipt.Sealed seal(MigrationId migration) {
    return new Receipt.Sealed(migration, new Stop("s", 2), B, List.of());
  }

  private static ClaimSpec source() {
    return spec(A, B);
  }

  private static ClaimSpec destination() {
    return spec(B, A);
  }

  private static ClaimSpec spec(HostName self, HostName peer) {
    return new ClaimSpec(
        "vm-1",
        List.of(new DevicePair(GPU, GPU)),
        self,
        peer,
        "http://" + peer + ":8090",
        "host-b:8091",
        "token",
        3_000);
  }
}
