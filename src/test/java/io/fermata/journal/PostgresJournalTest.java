package io.fermata.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal on a real server: the contract, and what only several writers can get wrong. */
class PostgresJournalTest extends JournalContract {
  private final String url = PostgresServer.shared().database();
  private final PostgresSettings place = PostgresServer.settings(url);

  @TempDir Path directory;

  @Override
  Journal openAgain() {
    return PostgresJournal.open(place, settings(), time(), nanos -> {});
  }

  private JournalSettings settings() {
    return new JournalSettings(directory, 10_000, 2, RETENTION);
  }

  private JournalTime time() {
    return new JournalTime(this::now, System::nanoTime);
  }

  /** Each reads what all write, while they write it: a gap would be an entry that came late. */
  @Test
  void whoReadsInOrderMissesNothingThatThreeWritersWrite() {
    int each = 300;
    List<Journal> replicas = List.of(journal, openAgain(), openAgain());
    List<Long> read = new ArrayList<>();
    List<List<Long>> heard = replicas.stream().map(PostgresJournalTest::heardBy).toList();
    List<CompletableFuture<Committed>> written = new CopyOnWriteArrayList<>();
    try {
      for (Journal replica : replicas) {
        Thread.ofVirtual().start(() -> write(replica, each, written));
      }
      while (read.size() < 3 * each) {
        journal.entriesAfter(read.size(), 1_000).forEach(entry -> read.add(entry.seq()));
        assertEquals(LongStream.rangeClosed(1, read.size()).boxed().toList(), read);
      }
      written.forEach(CompletableFuture::join);
      await().until(() -> heard.stream().allMatch(seqs -> seqs.size() >= 3 * each));
      heard.forEach(seqs -> assertEquals(read, seqs));
    } finally {
      replicas.forEach(Journal::close);
    }
  }

  private static List<Long> heardBy(Journal replica) {
    List<Long> seqs = new CopyOnWriteArrayList<>();
    replica.onCommit(entries -> entries.forEach(entry -> seqs.add(entry.seq())));
    return seqs;
  }

  private static void write(
      Journal replica, int count, List<CompletableFuture<Committed>> written) {
    for (int i = 0; i < count; i++) {
      CompletableFuture<Committed> done = replica.append(Change.of(entry("e", "m")));
      written.add(done);
      if (i % 7 == 0) {
        done.join();
      }
    }
  }

  @Test
  void listenersHearWhatAnotherReplicaWrote() {
    List<Entry> heard = new CopyOnWriteArrayList<>();
    journal.onCommit(heard::addAll);
    try (Journal other = openAgain()) {
      other.append(Change.of(entry("a", "m"), entry("b", "m"))).join();
      await().until(() -> heard.size() == 2);
      other.append(Change.of(entry("c", "m"))).join();
      journal.append(Change.of(entry("d", "m"))).join();
      await().until(() -> heard.size() == 4);
    }
    assertEquals(journal.entriesAfter(0, 10), heard);
  }

  @Test
  void twoReplicasNeverBothReplaceOneVersion() {
    Row first = row("m1", 0);
    journal.append(change(first)).join();
    try (Journal other = openAgain()) {
      Row here = next(first, "CHECKING", null);
      journal.append(change(here)).join();
      var late =
          assertThrows(
              CompletionException.class,
              () -> other.append(change(next(first, "QUIESCING", null))).join());
      assertInstanceOf(VersionConflict.class, late.getCause());
      assertEquals(here, other.row("m1").orElseThrow());
    }
  }

  /** A process that was stopped within its transaction: the others may not stand still for ever. */
  @Test
  void aWriterThatStopsInItsTurnIsPutOutOfIt() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean(true);
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    PostgresStore store = PostgresStore.open(place);
    GroupCommit.Opening opening = () -> stoppingBeforeCommit(store.writer(), stop, stopped, goOn);
    try (Journal sleeper =
        PostgresJournal.open(store, opening, place, settings(), time(), nanos -> {})) {
      var asleep = sleeper.append(change(row("m1", 0)));
      stopped.await();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> journal.append(Change.of(entry("x", "m"))).handle((d, f) -> f == null).join());
      stop.set(false);
      goOn.countDown();
      assertThrows(CompletionException.class, asleep::join);
      assertTrue(journal.row("m1").isEmpty());
      sleeper.append(change(row("m1", 0))).join();
      assertEquals(2, sleeper.lastSeq());
    }
  }

  private static Connection stoppingBeforeCommit(
      Connection connection, AtomicBoolean stop, CountDownLatch stopped, CountDownLatch goOn) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) -> {
              if (method.getName().equals("commit") && stop.get()) {
                stopped.countDown();
                goOn.await();
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aServerThatMayForgetIsRefusedUnlessOneIsToldTo() {
    String forgetful = url + "&options=-c%20synchronous_commit=off";
    JournalFault fault =
        assertThrows(
            JournalFault.class,
            () ->
                PostgresJournal.open(
                    PostgresServer.settings(forgetful), settings(), time(), nanos -> {}));
    assertEquals(JournalFault.Code.NOT_DURABLE, fault.code());
    assertTrue(fault.getMessage().contains("synchronous_commit is off"), fault.getMessage());
    var warned =
        new PostgresSettings(
            forgetful,
            "postgres",
            () -> null,
            Duration.ofSeconds(2),
            PostgresSettings.Durability.WARNED);
    try (Journal careless = PostgresJournal.open(warned, settings(), time(), nanos -> {})) {
      careless.append(Change.of(entry("x", "m"))).join();
    }
  }

  @Test
  void aDatabaseThatIsNotThereIsNamed() {
    String nowhere = url.replace("/postgres?", "/nowhere?");
    JournalFault fault =
        assertThrows(
            JournalFault.class,
            () ->
                PostgresJournal.open(
                    PostgresServer.settings(nowhere), settings(), time(), nanos -> {}));
    assertEquals(JournalFault.Code.OPEN_FAILED, fault.code());
    assertTrue(fault.getMessage().contains(nowhere), fault.getMessage());
  }

  @Test
  void aPasswordHasNoPlaceInTheUrl() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> PostgresServer.settings("jdbc:postgresql://h/d?user=a&password=b"));
    assertTrue(e.getMessage().startsWith("fermata.journal.url must not"), e.getMessage());
    assertTrue(
        assertThrows(
                IllegalArgumentException.class, () -> PostgresServer.settings("jdbc:mysql://h/d"))
            .getMessage()
            .contains("jdbc:postgresql:"));
  }
}
