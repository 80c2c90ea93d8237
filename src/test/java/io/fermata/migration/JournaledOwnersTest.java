package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.MemoryReplicas;
import io.fermata.journal.Replicas.Replica;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Owners.Holding;
import io.fermata.migration.Owners.Owner;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** To whom a request for a migration has to go. */
class JournaledOwnersTest implements Given.Hosts {
  private static final long LEASE = LeaseTerms.usual().lease().toMillis();
  private static final MigrationId THEIRS = new MigrationId("m0000002");

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final MigrationLoop loop;
  private final Keeper keeper;
  private final Owners owners;
  private boolean isDown;
  private boolean joined = true;
  private long now = 1_000;

  JournaledOwnersTest() {
    Agents silent = (host, request, timeout, then) -> {};
    var world =
        new MigrationLoop.World(
            journal, silent, this, Given.moment(() -> now), Runnable::run, "me");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    Replica self = new Replica("me", "http://me", "our secret", 7, 0);
    var replicas = new MemoryReplicas(this::answer, this::answer, () -> now);
    keeper = new Keeper(replicas, journal, loop, self, LeaseTerms.usual());
    owners =
        new JournaledOwners(() -> joined ? Optional.of(keeper) : Optional.empty(), loop, journal);
    journal.renew(new Replica("other", "http://other", "their secret", 5, 0), now, LEASE);
    keeper.turn();
    keeps(Orders.queued(THEIRS.value(), new Epoch(3, "other")));
  }

  private MemoryJournal answer() {
    if (isDown) {
      throw new JournalFault(JournalFault.Code.READ_FAILED, "the database is gone");
    }
    return journal;
  }

  private void keeps(Migration m) {
    journal.append(new Change(List.of(), new RowWrite(Writer.row(m, 1, 0), 0), null)).join();
  }

  private void drivesOne() {
    Migration m =
        Orders.in(Phase.PRECOPYING, Evidence.NONE, null)
            .with(List.of(new Note.TakenOver(new Epoch(1, "me"))), 1);
    keeps(m);
    loop.adopt(m);
  }

  @Test
  void aWordIsOursIfItIsTheOneThatTheOthersHave() {
    assertEquals("me", owners.self());
    assertTrue(owners.isToken("our secret"));
    assertFalse(owners.isToken("their secret"));
    joined = false;
    assertFalse(owners.isToken("our secret"), "nobody can have it yet");
  }

  @Test
  void whatAnotherDrivesIsSaidToBeIts() {
    var other = new Owner("other", "http://other", "their secret", 5, LEASE);
    assertEquals(Optional.of(other), owners.elsewhere(THEIRS));
    drivesOne();
    assertEquals(Optional.empty(), owners.elsewhere(Orders.ID));
    assertEquals(Optional.empty(), owners.elsewhere(new MigrationId("m0000009")), "unknown");
    keeps(Orders.queued("m0000004", new Epoch(1, "me")));
    assertEquals(Optional.empty(), owners.elsewhere(new MigrationId("m0000004")), "ours on disk");
    joined = false;
    assertEquals(Optional.empty(), owners.elsewhere(THEIRS), "nobody else is there");
  }

  /** Until the take-over is on disk somebody else may be quicker. */
  @Test
  void whatIsBeingTakenOverIsNotOursYet() {
    journal.hold();
    loop.recover(List.of(journal.row(THEIRS.value()).orElseThrow()));
    assertEquals("other", owners.elsewhere(THEIRS).orElseThrow().id());
    journal.release();
    assertEquals(Optional.empty(), owners.elsewhere(THEIRS));
  }

  @Test
  void whatIsOverIsNobodys() {
    Migration ended =
        Orders.queued("m0000005", new Epoch(1, "other"))
            .with(
                List.of(
                    new Note.Moved(Phase.QUEUED, Phase.DONE, Trigger.DROPPED, Outcome.CANCELLED)),
                1);
    keeps(ended);
    assertEquals(Optional.empty(), owners.elsewhere(ended.id()));
  }

  @Test
  void anOwnerThatTheDatabaseForgotIsNamedAll() {
    journal.leave("other");
    assertEquals(Optional.of(new Owner("other", "", "", 0, 0)), owners.elsewhere(THEIRS));
    assertEquals(
        List.of(
            new Holding(new Owner("me", "http://me", "our secret", 7, LEASE), new TreeMap<>()),
            new Holding(new Owner("other", "", "", 0, 0), new TreeMap<>(Map.of("m0000002", 3L)))),
        owners.all());
  }

  @Test
  void everyReplicaIsShownWithWhatItOwns() {
    drivesOne();
    Map<String, Map<String, Long>> held = new TreeMap<>();
    owners.all().forEach(each -> held.put(each.owner().id(), each.epochs()));
    assertEquals(Map.of("me", Map.of("m0000001", 1L), "other", Map.of("m0000002", 3L)), held);
  }

  @Test
  void whoIsAloneOwnsEverythingForEver() {
    joined = false;
    Holding only = owners.all().getFirst();
    assertEquals(1, owners.all().size());
    assertEquals(Map.of("m0000002", 3L), only.epochs());
    assertEquals("me", only.owner().id());
    assertFalse(only.owner().leased());
  }

  @Test
  void whoIsInAHurryLooksNowForWhatNobodyOwns() {
    now += LEASE;
    owners.hurry();
    assertTrue(loop.run(THEIRS).isPresent());
    assertEquals(Optional.empty(), owners.elsewhere(THEIRS));
  }

  @Test
  void aDatabaseThatDoesNotSayIsNoAnswer() {
    isDown = true;
    String words =
        assertThrows(Migrations.Unreadable.class, () -> owners.elsewhere(THEIRS)).getMessage();
    assertTrue(words.contains("the database is gone"), words);
    assertThrows(Migrations.Unreadable.class, owners::all);
  }

  @Override
  public List<HostView> hosts() {
    return Stream.of("host-a", "host-b")
        .map(name -> TrafficOfTheLoopTest.host(new HostName(name)))
        .toList();
  }
}
