package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Traffic.Written;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Limits, queue and intake as the loop keeps them, with agents that never answer. */
class TrafficOfTheLoopTest {
  private static final Limits ONE = new Limits(1, 9, 9, 9, 9, 2);

  private long now = 1_795_406_400_000L;
  private MemoryJournal journal =
      new MemoryJournal(() -> Instant.ofEpochMilli(now), Duration.ofDays(1));
  private int lives;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private MigrationLoop loop;
  private Migrations migrations;
  private Traffic traffic;

  TrafficOfTheLoopTest() {
    begin();
  }

  /** A process that takes up what is in the journal. */
  private void begin() {
    Moment moment =
        new Moment() {
          @Override
          public long epochNanos() {
            return now * 1_000_000;
          }

          @Override
          public long monotonicNanos() {
            return now * 1_000_000;
          }
        };
    Agents silent = (host, request, timeout, then) -> {};
    String name = "o" + ++lives;
    var world =
        new MigrationLoop.World(journal, silent, new TwoHosts(), moment, this::execute, name);
    var rules = new Places.Rules(ONE, 60_000);
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual(), rules);
    var over = new JournaledMigrations(loop, journal, new SplittableRandom(lives));
    over.recover();
    migrations = over;
    traffic = new JournaledTraffic(loop);
  }

  /** One task after the other, as on the loop's thread. */
  private void execute(Runnable task) {
    tasks.add(task);
    if (tasks.size() == 1) {
      for (Runnable next = task; next != null; next = tasks.peek()) {
        next.run();
        tasks.remove();
      }
    }
  }

  @Test
  void whoDoesNotFitWaitsAndIsToldWhyAndFor() {
    MigrationId first = submit();
    MigrationId second = submit();
    now++;
    MigrationId third = submit();
    assertEquals(Phase.PREPARING, phase(first));
    assertNull(live(first).queuePosition());
    assertEquals(Phase.QUEUED, phase(second));
    assertEquals(1, live(second).queuePosition());
    assertEquals(2, live(third).queuePosition());
    String why = live(third).waiting().getFirst();
    assertTrue(why.contains("1 of 1 taken, held by " + first), why);
    assertEquals(2, traffic.view().starting().size());
    assertEquals(1, traffic.view().inUse(Limits.Scope.CLUSTER));
  }

  @Test
  void aFullQueueTakesNobodyAndAnEmptierOneDoes() {
    submit();
    MigrationId waiting = submit();
    submit();
    assertEquals(2, assertInstanceOf(Result.QueueFull.class, answer()).limit());
    migrations.abort(waiting, "me", "r").join();
    submit();
  }

  @Test
  void aHigherPriorityGoesFirstAndOnlyWhileItWaits() {
    MigrationId first = submit();
    submit();
    MigrationId last = submit();
    migrations.priority(last, "me", Priority.EMERGENCY).join();
    assertEquals(1, live(last).queuePosition());
    assertEquals("emergency", live(last).migration().order().priority());
    Result late = migrations.priority(first, "me", Priority.EMERGENCY).join();
    assertEquals(Migrations.Reason.NOT_NOW, ((Result.Conflict) late).reason());
  }

  @Test
  void raisedLimitsLetTheNextInAndOutliveTheProcess() {
    submit();
    MigrationId second = submit();
    var two = new Limits(2, 9, 9, 9, 9, 2);
    assertInstanceOf(Written.Done.class, traffic.limits(two, 0, "admin").join());
    assertEquals(Phase.PREPARING, phase(second));
    assertInstanceOf(Written.Outdated.class, traffic.limits(ONE, 0, "admin").join());
    journal = journal.reopen();
    begin();
    assertEquals(two, traffic.view().limits().value());
    assertEquals(1, traffic.view().limits().version());
    assertEquals(2, traffic.view().inUse(Limits.Scope.CLUSTER));
    assertTrue(journal.entriesOf("limits", 0, 9).getFirst().data().contains("\"cluster\":2"));
  }

  @Test
  void whatAnotherProcessChangedIsReadBesideTheLoopAndNotByIt() {
    MigrationLoop other = loop;
    Traffic itsTraffic = traffic;
    begin();
    Deque<Runnable> beside = new ArrayDeque<>();
    other.doorkeeper().readOn(beside::add);
    traffic.limits(new Limits(2, 9, 9, 9, 9, 2), 0, "admin").join();
    now += 5_000;
    other.tick();
    assertEquals(0, itsTraffic.view().limits().version(), "nobody has read it yet");
    beside.remove().run();
    assertEquals(1, itsTraffic.view().limits().version());
    assertTrue(beside.isEmpty());
  }

  @Test
  void limitsThatTheJournalDoesNotTakeDoNotCount() {
    journal.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "appending")));
    var two = new Limits(2, 9, 9, 9, 9, 2);
    assertInstanceOf(Written.Unavailable.class, traffic.limits(two, 0, "admin").join());
    assertEquals(ONE, traffic.view().limits().value());
  }

  @Test
  void aPauseOutlivesTheProcessAndEndsByItself() {
    var pause = new Intake(Intake.State.PAUSED, "OPS-1", "admin", now, now + 10_000);
    traffic.intake(pause).join();
    MigrationId waits = submit();
    assertEquals(Phase.QUEUED, phase(waits));
    String why = live(waits).waiting().getFirst();
    assertTrue(why.contains("admin paused it: OPS-1, ends by itself in 10 s"), why);
    journal = journal.reopen();
    begin();
    assertEquals(Phase.QUEUED, phase(waits));
    now += 10_000;
    loop.tick();
    assertEquals(Phase.PREPARING, phase(waits));
  }

  @Test
  void afterARestartTheirPlacesAreCountedBeforeAnybodyStarts() {
    MigrationId first = submit();
    MigrationId second = submit();
    journal = journal.reopen();
    begin();
    assertEquals(Phase.PREPARING, phase(first));
    assertEquals(Phase.QUEUED, phase(second));
  }

  private MigrationId submit() {
    return assertInstanceOf(Result.Taken.class, answer()).migration().id();
  }

  private Result answer() {
    var order = Orders.order(1, false, 0);
    return migrations.submit(new Migrations.Submission(order, "me", "api", 1, null, null)).join();
  }

  private Live live(MigrationId id) {
    return migrations.find(id).orElseThrow();
  }

  private Phase phase(MigrationId id) {
    return live(id).migration().phase();
  }

  /** One of two hosts that are well, the first of which has the set. */
  static HostView host(HostName name) {
    return new TwoHosts().host(name).orElseThrow();
  }

  /** The source has the set; both agents are well. */
  private static final class TwoHosts implements Fleet {
    @Override
    public List<HostView> hosts() {
      return List.of(view("host-a", "vm"), view("host-b", null));
    }

    @Override
    public Optional<HostView> host(HostName name) {
      return hosts().stream().filter(h -> h.name().equals(name)).findFirst();
    }

    @Override
    public Optional<HostView> refresh(HostName name) {
      return host(name);
    }

    private static HostView view(String name, String vm) {
      var host = new HostName(name);
      var device =
          new DeviceView(
              host,
              new DeviceName("d0"),
              "sim",
              "driver",
              "model",
              Capabilities.of(Capability.STOP_COPY, Capability.P2P),
              DeviceState.RUNNING,
              0,
              vm,
              null,
              1L,
              null);
      return new HostView(
          host,
          URI.create("http://" + name),
          name + ":1",
          Map.of(),
          true,
          AgentState.READY,
          "1",
          1L << 30,
          0L,
          null,
          null,
          List.of(device));
    }
  }
}
