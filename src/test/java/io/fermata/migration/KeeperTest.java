package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.MemoryReplicas;
import io.fermata.journal.Replicas.Held;
import io.fermata.journal.Replicas.Replica;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.Term;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long this replica may drive what it owns, and what it takes over from whom. */
class KeeperTest implements Given.Hosts {
  private static final Replica SELF = replica("me");
  private static final long LEASE = LeaseTerms.usual().lease().toMillis();
  private static final MigrationId ID = Orders.ID;
  private static final Migration COPIES = Orders.in(Phase.PRECOPYING, Evidence.NONE, null);

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final List<String> calls = new ArrayList<>();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final MigrationLoop loop;
  private final Keeper keeper;
  private final Logger log = Logger.getLogger(Keeper.class.getName());
  private long now = 1_000;
  private long answersAfter;
  private JournalFault.@Nullable Code reads;
  private JournalFault.@Nullable Code writes;

  KeeperTest() {
    Agents silent = (host, request, timeout, then) -> {};
    var world =
        new MigrationLoop.World(
            journal,
            silent,
            this,
            Given.moment(() -> now),
            tasks::add,
            SELF.id(),
            Onlooker.NOBODY,
            Tenure.leased());
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    var replicas = new MemoryReplicas(() -> answer(reads), () -> answer(writes), () -> now);
    keeper = new Keeper(replicas, Given.told(journal, calls::add), loop, SELF, LeaseTerms.usual());
  }

  private MemoryJournal answer(JournalFault.@Nullable Code fault) {
    if (fault != null) {
      throw new JournalFault(fault, "the test");
    }
    now += answersAfter;
    return journal;
  }

  private static Replica replica(String id) {
    return new Replica(id, "http://" + id, "secret", 0, 0);
  }

  private void turn() {
    keeper.turn();
    work();
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private static Migration owned(String owner, long term) {
    return COPIES.with(List.of(new Note.TakenOver(new Epoch(term, owner))), 1);
  }

  private void row(Migration m) {
    long before = journal.row(m.id().value()).map(Row::version).orElse(0L);
    row(Writer.row(m, before + 1, 0));
  }

  private void row(Row row) {
    var write = new RowWrite(row, row.version() - 1);
    journal.append(new Change(List.of(), write, null)).join();
  }

  /** Whose the migration is on disk. */
  private Term owner() {
    return Term.of(journal.row(ID.value()).orElseThrow());
  }

  private boolean drives() {
    return loop.run(ID).isPresent();
  }

  private JournalFault.@Nullable Code trouble() {
    JournalFault trouble = keeper.trouble();
    return trouble == null ? null : trouble.code();
  }

  @Test
  void nobodyHasALeaseBeforeTheJournalWasCompared() {
    loop.clearance(
        new Clearance() {
          @Override
          public boolean begun() {
            return false;
          }
        });
    turn();
    assertEquals(List.of(), keeper.all(), "others would take it for one that drives");
    loop.clearance(Clearance.GIVEN);
    turn();
    assertEquals(1, keeper.all().size());
  }

  @Test
  void theLoopIsToldOfALeaseNoLongerThanTheDatabases() {
    answersAfter = 400;
    long end = (now + LEASE) * 1_000_000;
    turn();
    assertTrue(loop.tenure().holds(end - 1));
    assertFalse(loop.tenure().holds(end), "it was asked for, not answered, at that time");
  }

  @Test
  void aDatabaseThatDoesNotAnswerCutsOffUntilItDoes() {
    turn();
    assertNull(trouble());
    writes = JournalFault.Code.WRITE_FAILED;
    turn();
    assertEquals(writes, trouble());
    assertTrue(loop.tenure().isCutOff());
    writes = null;
    turn();
    assertNull(trouble());
    assertFalse(loop.tenure().isCutOff());
  }

  @Test
  void aLeaseThatIsRenewedRunsWhateverElseCannotBeRead() {
    reads = JournalFault.Code.READ_FAILED;
    turn();
    assertEquals(reads, trouble());
    assertFalse(loop.tenure().isCutOff());
    assertTrue(loop.tenure().holds(now * 1_000_000));
    reads = null;
    turn();
    assertNull(trouble());
  }

  @Test
  void whatADeadReplicaOwnedIsTakenOverAndWhatALivingOneOwnsIsNot() {
    journal.renew(replica("lives"), now, 10 * LEASE);
    journal.renew(replica("died"), now, 1);
    row(owned("died", 4));
    row(Writer.row(Orders.queued("m0000002", new Epoch(1, "lives")), 1, 0));
    now += 1;
    turn();
    assertEquals(new Term("me", 5), owner());
    assertEquals(new Keeper.Seen(2, 1), keeper.seen(), "it lives itself");
    assertEquals("lives", journal.row("m0000002").orElseThrow().owner());
    turn();
    assertEquals(new Keeper.Seen(2, 0), keeper.seen());
    assertEquals(new Term("me", 5), owner());
  }

  @Test
  void aRowThatCannotBeReadKeepsNoOtherFromBeingTakenOverAndIsToldOfOnce() {
    List<String> told = told();
    Row damaged = damaged("m0000000");
    row(damaged);
    row(owned("died", 4));
    turn();
    List<String> once =
        List.of("the row of migration m0000000 cannot be read, and nobody drives it");
    assertEquals(once, told);
    turn();
    assertEquals(once, told);
    assertTrue(drives());
    assertNull(trouble());
    assertEquals(new Keeper.Seen(1, 1), keeper.seen(), "it is an orphan as long as it is so");
    assertEquals("died", journal.row(damaged.id()).orElseThrow().owner());
  }

  private static Row damaged(String id) {
    return new Row(id, "vm", "a", "b", "QUIESCING", null, "died", 1, 1, 0, 1, "{\"id\":");
  }

  /** What the keeper's log says from now on. */
  private List<String> told() {
    List<String> told = new ArrayList<>();
    log.setUseParentHandlers(false);
    log.setFilter(line -> told.add(line.getMessage()));
    return told;
  }

  @AfterEach
  void theLogIsAsItWas() {
    log.setUseParentHandlers(true);
    log.setFilter(null);
  }

  @Test
  void whoseLeaseEndedLetsGoOfWhatOthersTookMeanwhile() {
    row(owned("died", 1));
    turn();
    turn();
    assertTrue(drives());
    now += LEASE;
    journal.renew(replica("other"), now, 10 * LEASE);
    row(owned("other", 3));
    turn();
    assertFalse(drives());
    assertEquals(new Term("other", 3), owner());
  }

  /** Whoever took it over is mistaken about the time, or this database was asked by hand. */
  @Test
  void whatWasTakenDuringALeaseIsLetGoOfAtTheTenthTurn() {
    row(owned("died", 1));
    turn();
    turn();
    journal.renew(replica("other"), now, 10 * LEASE);
    row(owned("other", 3));
    for (int i = 1; i < 10; i++) {
      turn();
      assertTrue(drives(), "all that is open is not read in turn " + i);
    }
    turn();
    assertFalse(drives());
  }

  /** A write may reach the disk after its writer gave it up. */
  @Test
  void whatIsOursOnDiskAndDrivenByNobodyIsTakenUpWhenItIsSeenTwice() {
    row(COPIES);
    turn();
    assertFalse(drives());
    turn();
    assertTrue(drives());
    assertEquals(new Term("me", 2), owner());
  }

  /** A birth is on disk before the loop hears of it. */
  @Test
  void whatTheLoopHearsOfInTimeIsItsOwnAsItIs() {
    row(COPIES);
    turn();
    loop.adopt(COPIES);
    turn();
    turn();
    assertEquals(new Term("me", 1), owner());
  }

  /** Thousands may be under way, and each look around would read the rows of all of them. */
  @Test
  void whatTheLoopDrivesIsNotReadAgain() {
    row(COPIES);
    loop.adopt(COPIES);
    turn();
    turn();
    assertFalse(calls.contains("row"), calls::toString);
  }

  @Test
  void whatAnotherTookInTheMeantimeIsLeftToHim() {
    row(COPIES);
    turn();
    keeper.turn();
    journal.renew(replica("other"), now, 10 * LEASE);
    row(owned("other", 2));
    work();
    assertFalse(drives());
    assertEquals(new Term("other", 2), owner());
  }

  @Test
  void whatCannotBeLookedAtIsTakenUpTheNextTime() {
    row(COPIES);
    turn();
    loop.reading()
        .readOn(question -> {
          throw new RejectedExecutionException("the test");
        });
    turn();
    assertEquals(JournalFault.Code.QUEUE_FULL, trouble());
    assertFalse(drives());
    loop.reading().readOn(Runnable::run);
    now += LEASE;
    turn();
    assertTrue(drives());
    assertNull(trouble());
  }

  @Test
  void whoLeavesIsNotWaitedFor() {
    row(COPIES);
    turn();
    assertEquals(SELF, keeper.self());
    assertEquals(Optional.of("http://me"), keeper.replica("me").map(Replica::url));
    assertEquals(Optional.empty(), keeper.replica("other"));
    assertEquals(List.of(new Held(ID.value(), new Term("me", 1))), keeper.held());
    keeper.leave();
    assertEquals(Optional.empty(), keeper.replica("me"));
    assertFalse(journal.lives("me", now));
  }

  @Test
  void whoCannotLeaveStopsAllTheSame() {
    turn();
    writes = JournalFault.Code.WRITE_FAILED;
    keeper.leave();
    assertNotNull(keeper.trouble());
    assertTrue(journal.lives("me", now + LEASE - 1));
    assertFalse(journal.lives("me", now + LEASE), "then it ends by itself");
  }

  @Override
  public List<HostView> hosts() {
    return List.of(
        Given.host(new HostName("host-a"), AgentState.READY),
        Given.host(new HostName("host-b"), AgentState.READY));
  }
}
