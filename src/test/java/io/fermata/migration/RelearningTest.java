package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.HopReport;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.NewEntry;
import io.fermata.journal.RowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a process has learned of how long hops take is there again after its next start. */
class RelearningTest implements Given.Hosts {
  private static final Hop STOP = new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP);
  private static final long MILLI = 1_000_000;

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.fixed(Instant.EPOCH), Duration.ofDays(1));
  private final Latencies latencies = new Latencies();
  private final Learning learning = new Learning(this, latencies);
  private List<String> inventory = List.of("host-a", "host-b");

  private static List<HopReport> took(long millis) {
    return List.of(
        new HopReport(
            new DeviceName("d0"),
            STOP,
            HopReport.Outcome.DONE,
            STOP.to(),
            null,
            5,
            5 + millis * MILLI));
  }

  private static Migration ended(int number, boolean dark, Outcome outcome) {
    var id = new MigrationId("m000000" + number);
    Migration m = Orders.in(Phase.CLEANING, Evidence.NONE, Scene.STOP, Orders.order(1, false, 0));
    Migration named =
        new Migration(
            id,
            m.order(),
            m.token(),
            1,
            null,
            "api",
            "test",
            m.phase(),
            null,
            null,
            m.epoch(),
            1,
            number,
            0,
            null,
            false,
            m.stop(),
            m.evidence(),
            List.of(),
            dark ? 7 : 0,
            null,
            null);
    var parts = new Migration.Blackout(100 * MILLI, 0, 0, 0, 0);
    return named.with(
        List.of(
            new Note.CameBack(parts),
            new Note.Moved(Phase.CLEANING, Phase.DONE, Trigger.CLEANED, outcome)),
        9);
  }

  private void keeps(Migration m, long sourceMillis, long destinationMillis) {
    var clock = new Live.ClockMapping(0, 0);
    var timeline = new Timeline(took(sourceMillis), clock, took(destinationMillis), clock);
    String words = MigrationJson.write(timeline);
    var entries =
        List.of(
            new NewEntry("migration.moved", m.id().value(), "me", "{}"),
            new NewEntry(Timeline.TYPE, m.id().value(), "me", words));
    journal
        .append(new Change(entries, new RowWrite(Writer.row(m, 1, m.created()), 0), null))
        .join();
  }

  private Optional<Latencies.Typical> typical() {
    return latencies.typical("driver/model", STOP);
  }

  @Test
  void theHopsOfBothSidesOfWhatSucceededAreLearned() {
    keeps(ended(1, true, Outcome.SUCCEEDED), 10, 20);
    keeps(ended(2, true, Outcome.SUCCEEDED), 30, 40);
    keeps(ended(3, true, Outcome.ROLLED_BACK), 900, 900);
    new Relearning(journal, this, learning).relearn();
    assertEquals(Optional.of(new Latencies.Typical(20, 40, 4)), typical());
  }

  @Test
  void whatElseABlackoutTookIsLearnedOfThoseThatWentThrough() {
    for (int i = 1; i <= Latencies.LEAST; i++) {
      assertEquals(Optional.empty(), latencies.restMillis());
      learning.over(ended(i, true, Outcome.SUCCEEDED), List.of(), List.of());
    }
    // one device without pre-copy: a mebibyte, over a link of a gibibyte a second
    assertEquals(Optional.of(100.0 - copyMillis()), latencies.restMillis());
    learning.over(ended(4, true, Outcome.ROLLED_BACK), List.of(), List.of());
    assertEquals(Optional.of(100.0 - copyMillis()), latencies.restMillis());
  }

  private double copyMillis() {
    Order order = Orders.order(1, false, 0);
    return Estimate.of(order, hosts().getFirst(), latencies).copyMillis();
  }

  @Test
  void whoseGuestNeverWentDarkTeachesNothing() {
    for (int i = 1; i <= 3; i++) {
      keeps(ended(i, false, Outcome.SUCCEEDED), 10, 10);
    }
    new Relearning(journal, this, learning).relearn();
    assertTrue(typical().isEmpty());
  }

  @Test
  void ofAHostThatLeftTheInventoryNothingIsLearned() {
    inventory = List.of("host-a");
    for (int i = 1; i <= 3; i++) {
      keeps(ended(i, true, Outcome.SUCCEEDED), 10, 50);
    }
    new Relearning(journal, this, learning).relearn();
    assertEquals(Optional.of(new Latencies.Typical(10, 10, 3)), typical());
  }

  @Test
  void oneThatEndsNowIsLearnedAndOneThatGoesOnIsNot() {
    Onlooker.Sides sides =
        side ->
            new Live.SideView(
                null,
                null,
                null,
                0,
                null,
                took(side == Side.SOURCE ? 10 : 20),
                new Live.ClockMapping(0, 0),
                Flow.NONE);
    learning.kept(Orders.in(Phase.COPYING, Evidence.NONE, Scene.STOP), sides);
    learning.kept(ended(1, true, Outcome.SUCCEEDED), sides);
    learning.kept(ended(2, true, Outcome.SUCCEEDED), sides);
    assertEquals(Optional.of(new Latencies.Typical(10, 20, 4)), typical());
  }

  @Override
  public List<HostView> hosts() {
    return inventory.stream().map(name -> TrafficOfTheLoopTest.host(new HostName(name))).toList();
  }
}
