package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.HostOrders.Order;
import io.fermata.migration.Traffic.Written;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournaledHostsTest {
  private static final HostName C = new HostName("host-c");
  private static final HostMarks.Mark ME = new HostMarks.Mark("me", "OPS-9", 1);
  private static final HostMarks.Place PLACE =
      new HostMarks.Place(
          new FleetSettings.Host(
              "host-c", URI.create("http://c:1"), null, Map.of("rack", "r2"), true, 7));

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.fixed(Instant.EPOCH), Duration.ofDays(1));

  @Test
  void whatIsEnteredIsThereAfterARestartAndForOthers() {
    try (var hosts = new JournaledHosts(journal, known -> {})) {
      assertInstanceOf(Written.Done.class, hosts.place(C, PLACE, ME, 0).join());
      assertInstanceOf(Written.Outdated.class, hosts.place(C, PLACE, ME, 0).join());
      assertInstanceOf(Written.Done.class, hosts.say(C, Order.CORDONED, ME, 1).join());
    }
    assertEquals(PLACE, afterRestart().place(), "a cordon leaves the entry alone");
    assertEquals(ME, afterRestart().cordon());
    HostMarks first = JournaledHosts.read(journal).get(C);
    assertEquals(afterRestart(), first, "known before anybody is asked");
  }

  @Test
  void whatIsRetiredComesBackWithoutOldMarks() {
    try (var hosts = new JournaledHosts(journal, known -> {})) {
      hosts.say(C, Order.CORDONED, ME, 0).join();
      hosts.place(C, new HostMarks.Place(null), ME, 1).join();
      HostMarks retired = afterRestart();
      assertNotNull(retired.place());
      assertNull(retired.place().host());
      assertNull(retired.cordon());
      hosts.place(C, PLACE, ME, 2).join();
      assertEquals(new HostMarks(null, null, PLACE, 3), afterRestart());
    }
  }

  private HostMarks afterRestart() {
    try (var again = new JournaledHosts(journal, known -> {})) {
      again.start();
      return again.marks(C);
    }
  }
}
