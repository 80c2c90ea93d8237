package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.handover.Claims.Holding;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Seals that arrive long after the destination gave up; found while reading the model beside it.
 */
class LateVoidTest {
  private static final DeviceName NIC = new DeviceName("0000:01:00.0");
  private static final HostName HERE = new HostName("host-b");
  private static final MigrationId FIRST = new MigrationId("first");
  private static final MigrationId SECOND = new MigrationId("second");
  private static final MigrationId THIRD = new MigrationId("third");
  private static final Epoch EPOCH = new Epoch(1, "orchestrator");
  private static final Stop STOP_1 = new Stop("slate", 1);
  private static final Stop STOP_2 = new Stop("slate", 2);

  private final Capabilities offered = Capabilities.of(Capability.STOP_COPY, Capability.P2P);
  private final Claims claims = new Claims(HERE, "inc", Map.of(NIC, new Holding(offered, null)));

  @Test
  void aVoidOfAClosedClaimLeavesTheDevicesWithTheGuestThatRunsOnThem() {
    claims.restore(
        List.of(
            claimed(FIRST, "vm-1"),
            new Fact.Abandoned(FIRST),
            new Fact.Closed(FIRST),
            claimed(SECOND, "vm-2"),
            new Fact.Started(SECOND, seal(SECOND, STOP_1)),
            new Fact.Closed(SECOND)),
        turn());

    Turn late = turn();
    claims.on(asks(seal(FIRST, STOP_1)), late);

    assertEquals(List.of(new Fact.Voided(FIRST, STOP_1)), late.facts());
    assertEquals("vm-2", claims.devices().get(NIC).vm());
    Turn third = turn();
    Header header = new Header(THIRD, EPOCH, 0, 0);
    var claim = new Request.ClaimDestination(header, spec("vm-3"));
    claims.on(new Event.Asked(claim, new Ticket(2, 0)), third);
    assertTrue(third.facts().isEmpty(), "the devices of a running guest were claimed");
  }

  @Test
  void theSourceIsToldOfTheStopThatItSealed() {
    claims.restore(List.of(claimed(FIRST, "vm-1"), new Fact.Voided(FIRST, STOP_1)), turn());

    Turn turn = turn();
    claims.on(asks(seal(FIRST, STOP_2)), turn);

    List<PeerMessage.Word> words =
        turn.effects().stream()
            .filter(Effect.ReplyPeer.class::isInstance)
            .map(effect -> ((Effect.ReplyPeer) effect).word())
            .toList();
    assertEquals(new Receipt.Voided(FIRST, STOP_2, HERE), words.getFirst().receipt());
  }

  private static Event asks(Receipt.Sealed seal) {
    var settle = new PeerMessage.Settle(seal.migration(), seal);
    return new Event.PeerAsked(settle, new Ticket(1, 0));
  }

  private static Fact claimed(MigrationId migration, String vm) {
    return new Fact.Claimed(migration, Side.DESTINATION, spec(vm), EPOCH);
  }

  private static Receipt.Sealed seal(MigrationId migration, Stop stop) {
    return new Receipt.Sealed(migration, stop, HERE, List.of());
  }

  private static ClaimSpec spec(String vm) {
    List<DevicePair> devices = List.of(new DevicePair(NIC, NIC));
    return new ClaimSpec(vm, devices, HERE, new HostName("host-a"), "http://a", "a:1", "t", 1000);
  }

  private static Turn turn() {
    return new Turn(1, "agent", new Timings(1, 1, 1, 1, 1));
  }
}
