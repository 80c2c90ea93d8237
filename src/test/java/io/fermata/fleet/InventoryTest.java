package io.fermata.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.HostName;
import io.fermata.wire.tls.Unsafe;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InventoryTest {
  private static final HostName A = new HostName("a");
  private static final HostName B = new HostName("b");
  private static final HostName C = new HostName("c");

  @Test
  void whatIsSaidCountsForMoreThanTheSettings() {
    Duration any = Duration.ofSeconds(1);
    var settings =
        new FleetSettings(
            List.of(host("a", "http://a:1"), host("b", "http://b:1")), any, any, any, any, any);
    var inventory = new Inventory(settings, false);
    assertEquals(List.of(A, B), List.copyOf(inventory.hosts().keySet()));
    var before = inventory.hosts();
    inventory.said(
        Map.of(
            A, HostMarks.NONE.placed(new HostMarks.Place(null)),
            B, HostMarks.NONE.placed(new HostMarks.Place(host("b", "http://b:2"))),
            C, HostMarks.NONE.placed(new HostMarks.Place(host("c", "http://c:1")))));
    assertEquals(List.of(B, C), List.copyOf(inventory.hosts().keySet()));
    assertEquals(URI.create("http://b:2"), inventory.hosts().get(B).agent());
    assertEquals(List.of(A, B), List.copyOf(before.keySet()), "a reader keeps what he has");
    inventory.said(Map.of(B, HostMarks.NONE));
    assertEquals(URI.create("http://b:1"), inventory.hosts().get(B).agent());
  }

  @Test
  void whereProcessesProveWhoTheyAreNoAgentIsReachedInTheClear() {
    Duration any = Duration.ofSeconds(1);
    var plain =
        new FleetSettings(
            List.of(host("a", "https://a:1"), host("b", "http://b:1")), any, any, any, any, any);
    var refused = assertThrows(Unsafe.class, () -> new Inventory(plain, true));
    assertTrue(refused.getMessage().contains("http://b:1"), refused::getMessage);
    var good = new FleetSettings(List.of(host("a", "https://a:1")), any, any, any, any, any);
    var inventory = new Inventory(good, true);
    assertTrue(inventory.objection(URI.create("http://c:1")).isPresent());
    assertEquals(Optional.empty(), inventory.objection(URI.create("https://c:1")));
    var open = new Inventory(plain, false);
    assertEquals(Optional.empty(), open.objection(URI.create("http://c:1")));
  }

  private static FleetSettings.Host host(String name, String agent) {
    return new FleetSettings.Host(name, URI.create(agent), null, Map.of(), true, 1);
  }
}
