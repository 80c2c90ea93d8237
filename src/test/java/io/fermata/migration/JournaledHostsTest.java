package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.HostOrders.Order;
import io.fermata.migration.Traffic.Written;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

  /** Two orchestrators; the second has not read yet what the first one wrote. */
  @Test
  void whoDecidedOnWhatIsOldIsToldWhatThereIs() {
    try (var one = new JournaledHosts(journal, known -> {});
        var two = new JournaledHosts(journal, known -> {})) {
      one.say(C, Order.CORDONED, ME, 0).join();
      one.say(C, Order.QUARANTINED, ME, 1).join();
      var late = assertInstanceOf(Written.Outdated.class, two.place(C, PLACE, ME, 0).join());
      assertEquals(2, late.present());
    }
  }

  @Test
  void whatTheJournalDoesNotTakeIsNotSo() {
    Map<HostName, HostMarks> known = new HashMap<>();
    try (var hosts = new JournaledHosts(journal, known::putAll)) {
      journal.failing(
          change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk")));
      var told =
          assertInstanceOf(Written.Unavailable.class, hosts.say(C, Order.CORDONED, ME, 0).join());
      assertTrue(told.detail().contains("the disk"), told::detail);
      assertEquals(HostMarks.NONE, hosts.marks(C));
      assertEquals(Map.of(), known);
    }
  }

  @Test
  void everyChangeHasAnEntryOfItsType() {
    List<String> types = new ArrayList<>();
    try (var hosts = new JournaledHosts(journal, known -> {})) {
      long version = 0;
      for (Order order : Order.values()) {
        hosts.say(C, order, ME, version++).join();
      }
      hosts.place(C, PLACE, ME, version++).join();
      hosts.place(C, new HostMarks.Place(null), ME, version).join();
      journal.entriesOf("host-c", 0, 99).forEach(entry -> types.add(entry.type()));
    }
    assertEquals(
        List.of(
            "host.cordoned",
            "host.uncordoned",
            "host.quarantined",
            "host.unquarantined",
            "host.entered",
            "host.retired"),
        types);
    assertEquals(Set.copyOf(types), JournaledHosts.types().collect(Collectors.toSet()));
  }

  private HostMarks afterRestart() {
    try (var again = new JournaledHosts(journal, known -> {})) {
      again.start();
      return again.marks(C);
    }
  }
}
