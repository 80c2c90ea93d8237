package io.fermata.drain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.drain.Blocker.Code;
import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Drains.Result;
import io.fermata.drain.Move.State;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Entry;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.JournalSettings;
import io.fermata.journal.JournalTime;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.SqliteJournal;
import io.fermata.migration.Migrations;
import io.fermata.migration.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drains over a journal: what is durable, what two orchestrators do, what a new one takes up. */
class DrainsTest {
  private static final DrainSettings SETTINGS =
      new DrainSettings(
          Duration.ofMinutes(1), 2, 2, Duration.ofSeconds(1), Duration.ofSeconds(2), 2);

  private final Site site =
      new Site()
          .host(Site.A, "gpu0=vm1", "gpu1=vm2", "gpu2=vm3")
          .host(Site.B, "gpu0", "gpu1", "gpu2");
  private final InstantSource time = () -> Instant.ofEpochMilli(site.now);
  private final SiteWorld world = new SiteWorld(site);
  private MemoryJournal journal = new MemoryJournal(time, Duration.ofDays(1));
  private Drains one = drains(journal, 1);
  private Drains other = drains(journal, 2);

  private Drains drains(Journal on, long seed) {
    var around = new Drains.World(on, world, world, world, world, time, new Random(seed));
    return new Drains(around, SETTINGS);
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  private static Drains.Wish wish(Migrations.Key key) {
    return new Drains.Wish(Site.A, Site.terms(2), "me", "OPS-1", key);
  }

  private DrainId started() {
    return assertInstanceOf(Result.Taken.class, one.start(wish(null))).drain().id();
  }

  private void look(Drains who) {
    site.now += 100;
    site.polled();
    who.look();
  }

  private Drain now(DrainId id) {
    return other.find(id).orElseThrow();
  }

  private List<String> types(DrainId id) {
    return journal.entriesOf(id.value(), 0, 100).stream().map(Entry::type).toList();
  }

  private void succeed(MigrationId id) {
    site.now += 1_000;
    site.move(id, io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
  }

  @Test
  void aPreviewTellsEveryPlaceAndEveryObstacleAndDoesNothing() {
    site.host(Site.B, "gpu0");
    Drain shown = one.preview(wish(null));
    assertEquals(State.WAITING, shown.moves().get("vm1").state());
    assertEquals(Site.B, shown.moves().get("vm1").destination());
    assertEquals(Code.NO_DESTINATION, shown.moves().get("vm3").blocker().code());
    assertEquals(2, shown.terms().concurrency());
    site.paused = true;
    assertEquals(Code.ADMISSION_PAUSED, one.preview(wish(null)).blockers().getFirst().code());
    assertEquals(0, journal.lastSeq());
    assertNull(world.marks(Site.A).cordon());
    assertEquals(List.of(), world.submissions);
  }

  @Test
  void aDrainFromItsStartToItsEnd() {
    DrainId id = started();
    assertTrue(world.marks(Site.A).cordon().reason().startsWith("drain " + id));
    look(one);
    assertEquals(2, world.submissions.size());
    assertEquals("drain", world.submissions.getFirst().trigger());
    assertEquals("drain " + id + ": OPS-1", world.submissions.getFirst().order().reason());
    List.copyOf(site.migrations.keySet()).forEach(this::succeed);
    look(other);
    look(one);
    List.copyOf(site.migrations.keySet())
        .forEach(m -> {
          if (!site.migrations.get(m).ended()) {
            succeed(m);
          }
        });
    look(other);
    site.now += 5_000;
    look(other);
    assertEquals(Phase.DRAINED, now(id).phase());
    assertNotNull(world.marks(Site.A).cordon(), "it is to stay empty");
    assertTrue(one.powerOff(Site.A, Set.of()).safe());
    assertEquals(
        List.of("drain.started", "drain.moving", "drain.moving", "drain.moved", "drain.moved"),
        types(id).subList(0, 5));
    assertEquals("drain.drained", types(id).getLast());
    look(one);
    assertEquals(List.of(), one.seen());
  }

  @Test
  void twoOrchestratorsThatSeeTheSameStartEachMigrationOnce() {
    started();
    for (int i = 0; i < 5; i++) {
      look(one);
      look(other);
    }
    assertEquals(2, site.migrations.size());
  }

  @Test
  void whatWasDecidedBeforeACrashIsAskedForAfterIt() {
    world.refuses = true;
    DrainId id = started();
    look(one);
    assertEquals(State.STARTING, now(id).moves().get("vm1").state());
    one.close();
    other.close();
    journal = journal.reopen();
    other = drains(journal, 3);
    world.refuses = false;
    look(other);
    assertEquals(2, world.submissions.size());
    assertEquals(State.MOVING, now(id).moves().get("vm1").state());
  }

  @Test
  void whatWasAskedForAndNotRecordedIsNotAskedForTwice() {
    DrainId id = started();
    journal.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk")));
    assertThrows(JournalFault.class, () -> look(one));
    assertEquals(2, site.migrations.size());
    journal.failing(change -> Optional.empty());
    look(other);
    assertEquals(2, site.migrations.size());
    assertEquals(new MigrationId("m0000000"), now(id).moves().get("vm1").migration());
  }

  @Test
  void whatWasBegunBeforeAPauseIsKnownAfterIt() {
    DrainId id = started();
    journal.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "the disk")));
    assertThrows(JournalFault.class, () -> look(one));
    journal.failing(change -> Optional.empty());
    other.pause(id, "op");
    look(other);
    assertEquals(State.MOVING, now(id).moves().get("vm1").state());
    assertEquals(new MigrationId("m0000000"), now(id).moves().get("vm1").migration());
  }

  @Test
  void aHostHasOneDrainAndAKeyOneAnswer() {
    var key = new Migrations.Key("k1", "hash");
    Drain first = assertInstanceOf(Result.Taken.class, one.start(wish(key))).drain();
    Result.Taken again = assertInstanceOf(Result.Taken.class, other.start(wish(key)));
    assertTrue(again.replayed());
    assertEquals(first.id(), again.drain().id());
    assertInstanceOf(Result.KeyReused.class, other.start(wish(new Migrations.Key("k1", "else"))));
    Result.Exists exists = assertInstanceOf(Result.Exists.class, other.start(wish(null)));
    assertEquals(first.id(), exists.drain().id());
  }

  @Test
  void pausedNothingStartsAndResumedItGoesOn() {
    world.refuses = true;
    DrainId id = started();
    assertInstanceOf(Result.Taken.class, other.pause(id, "op"));
    world.refuses = false;
    look(one);
    look(other);
    assertEquals(0, site.migrations.size());
    assertTrue(assertInstanceOf(Result.Taken.class, one.pause(id, "op")).replayed());
    one.resume(id, "op");
    look(one);
    assertEquals(2, site.migrations.size());
    assertEquals(Phase.DRAINING, now(id).phase());
  }

  @Test
  void aResumeTriesAgainWhatHadFailedTooOften() {
    site.host(Site.A, "gpu0=vm1");
    DrainId id = started();
    for (int i = 0; i < 2; i++) {
      look(one);
      site.migrations.values().stream()
          .filter(m -> !m.ended())
          .toList()
          .forEach(m -> site.move(m.id(), io.fermata.migration.Phase.DONE, Outcome.FAILED));
      look(one);
      site.now += 2_000;
      look(one);
    }
    assertEquals(Code.ATTEMPTS_FAILED, now(id).moves().get("vm1").blocker().code());
    int before = site.migrations.size();
    other.resume(id, "op");
    look(one);
    assertTrue(site.migrations.size() > before);
  }

  @Test
  void calledOffWithItsMigrationsItAbortsThemAndTakesItsCordonBack() {
    DrainId id = started();
    look(one);
    other.cancel(id, new Drain.Cancel("op", "changed my mind", true));
    look(one);
    assertEquals(2, world.aborted.size());
    assertTrue(world.aborted.getFirst().contains("op drain " + id + " was called off"));
    assertEquals(Phase.CANCELLING, now(id).phase());
    assertNotNull(world.marks(Site.A).cordon());
    List.copyOf(site.migrations.keySet())
        .forEach(m -> site.move(m, io.fermata.migration.Phase.DONE, Outcome.CANCELLED));
    look(other);
    assertEquals(Phase.CANCELLED, now(id).phase());
    assertNull(world.marks(Site.A).cordon());
    assertInstanceOf(Result.NotNow.class, one.resume(id, "op"));
    assertInstanceOf(Result.Taken.class, one.start(wish(null)));
  }

  @Test
  void anOperatorsOwnCordonOutlivesTheDrain() {
    site.cordon(Site.A, 1);
    DrainId id = started();
    other.cancel(id, new Drain.Cancel("op", null, false));
    look(one);
    look(other);
    assertEquals(Phase.CANCELLED, now(id).phase());
    assertEquals(0, site.migrations.size());
    assertNotNull(world.marks(Site.A).cordon());
  }

  @Test
  void aYoungCordonIsNoProof() {
    site.host(Site.A, "gpu0");
    DrainId id = started();
    look(one);
    assertEquals(Phase.DRAINING, now(id).phase());
    assertEquals(List.of(), now(id).blockers());
    site.now += 2_000;
    look(one);
    assertEquals(Phase.DRAINED, now(id).phase());
  }

  @Test
  void onlySoManyThatAreOverAreKept() {
    site.host(Site.A, "gpu0");
    for (int i = 0; i < 4; i++) {
      site.now += 1_000;
      DrainId id = started();
      other.cancel(id, new Drain.Cancel("op", null, false));
      look(one);
    }
    assertEquals(2, one.all().size());
    assertTrue(one.all().getFirst().created() > one.all().getLast().created());
  }

  @Test
  void onADiskItIsTheSame(@TempDir Path folder) {
    var settings = new JournalSettings(folder, 100, 1, Duration.ofDays(1));
    DrainId id;
    try (var disk = SqliteJournal.open(settings, new JournalTime(time, () -> 0), nanos -> {});
        var first = drains(disk, 5)) {
      id = assertInstanceOf(Result.Taken.class, first.start(wish(null))).drain().id();
      look(first);
    }
    try (var disk = SqliteJournal.open(settings, new JournalTime(time, () -> 0), nanos -> {});
        var second = drains(disk, 6)) {
      look(second);
      Drain drain = second.find(id).orElseThrow();
      assertEquals(State.MOVING, drain.moves().get("vm1").state());
      assertEquals(2, world.submissions.size());
      second.cancel(id, new Drain.Cancel("op", null, false));
      look(second);
      assertEquals(Phase.CANCELLED, second.find(id).orElseThrow().phase());
      assertFalse(second.all().isEmpty());
    }
  }
}
