package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.IN_USE;
import static io.fermata.journal.JournalFault.Code.OPEN_FAILED;
import static io.fermata.journal.JournalFault.Code.QUEUE_FULL;
import static io.fermata.journal.JournalFault.Code.WRITE_FAILED;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The journal on disk: the contract, and what only a writer thread and a file can get wrong. */
class SqliteJournalTest extends JournalContract {
  private static final int QUEUE = 1_000;

  @TempDir Path directory;
  private final LongAdder measured = new LongAdder();

  @Override
  Journal openAgain() {
    return SqliteJournal.open(settings(directory, QUEUE), time(), nanos -> measured.increment());
  }

  @Test
  void changesOfManyThreadsShareCommits() throws InterruptedException {
    int threads = 64;
    int each = 50;
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int t = 0; t < threads; t++) {
        String subject = "s" + t;
        var _ =
            pool.submit(() -> {
              for (int i = 0; i < each; i++) {
                journal.append(Change.of(entry("e" + i, subject))).join();
              }
            });
      }
    }
    List<Entry> all = journal.entriesAfter(0, 10_000);
    assertEquals(threads * each, all.size());
    for (int i = 0; i < all.size(); i++) {
      assertEquals(i + 1, all.get(i).seq());
    }
    List<String> ofOne = journal.entriesOf("s7", 0, 100).stream().map(Entry::type).toList();
    assertEquals(each, ofOne.size());
    assertEquals("e49", ofOne.getLast());
    long commits = ((SqlJournal) journal).commits();
    assertTrue(commits < threads * each / 2, commits + " commits");
    assertEquals((long) threads * each, measured.sum());
  }

  @Test
  void aConflictLeavesTheOthersOfItsBatchAlone() throws InterruptedException {
    long before = ((SqlJournal) journal).commits();
    List<CompletableFuture<Committed>> answers = new ArrayList<>();
    whileTheWriterIsHeld(() -> {
      answers.add(journal.append(change(row("m1", 0))));
      answers.add(journal.append(change(row("m1", 0))));
      answers.add(journal.append(change(row("m2", 0))));
    });
    assertEquals(2, answers.get(0).join().entries().getFirst().seq());
    await().until(answers.get(1)::isCompletedExceptionally);
    assertEquals(3, answers.get(2).join().entries().getFirst().seq());
    assertEquals(List.of("m1", "m2"), ids(journal.open()));
    assertEquals(before + 2, ((SqlJournal) journal).commits());
  }

  @Test
  void aFullQueueRefusesAtOnceAndWhatWasQueuedIsWritten() throws InterruptedException {
    List<CompletableFuture<Committed>> queued = new ArrayList<>();
    whileTheWriterIsHeld(() -> {
      for (int i = 0; i < QUEUE; i++) {
        queued.add(journal.append(Change.of(entry("e", "m"))));
      }
      CompletableFuture<Committed> tooMany = journal.append(Change.of(entry("x", "m")));
      assertEquals(QUEUE_FULL, faultOf(tooMany).code());
    });
    queued.forEach(CompletableFuture::join);
    assertEquals(QUEUE + 1, journal.lastSeq());
  }

  @Test
  void closingWritesWhatIsQueued() throws InterruptedException {
    List<CompletableFuture<Committed>> queued = new ArrayList<>();
    whileTheWriterIsHeld(() -> {
      for (int i = 0; i < 600; i++) {
        queued.add(journal.append(Change.of(entry("e", "m"))));
      }
    });
    journal.close();
    assertTrue(queued.stream().noneMatch(CompletableFuture::isCompletedExceptionally));
    journal = openAgain();
    assertEquals(601, journal.lastSeq());
  }

  @Test
  void aFullDiskFailsItsBatchAndTheJournalGoesOn() {
    journal.close();
    AtomicBoolean full = new AtomicBoolean(true);
    SqliteStore store = SqliteStore.open(directory);
    journal =
        SqliteJournal.open(
            store,
            () -> limited(store.writer(), full.get()),
            settings(directory, QUEUE),
            time(),
            nanos -> {});
    List<Entry> heard = new CopyOnWriteArrayList<>();
    journal.onCommit(heard::addAll);
    journal.append(Change.of(entry("small", "m"))).join();

    NewEntry big = new NewEntry("big", "m", "test", "x".repeat(1_000_000));
    assertEquals(WRITE_FAILED, faultOf(journal.append(Change.of(big))).code());
    assertEquals(WRITE_FAILED, faultOf(journal.append(Change.of(entry("x", "m"), big))).code());
    full.set(false);
    assertEquals(2, journal.append(Change.of(big)).join().entries().getFirst().seq());
    await().until(() -> heard.size() == 2);
    assertEquals(journal.entriesAfter(0, 10), heard);
  }

  @Test
  void aDatabaseThatCannotBeOpenedForAWhileFailsAppendsAndThenGoesOn() {
    journal.close();
    AtomicInteger openings = new AtomicInteger();
    SqliteStore store = SqliteStore.open(directory);
    journal =
        SqliteJournal.open(
            store,
            () ->
                switch (openings.incrementAndGet()) {
                  case 1 -> limited(store.writer(), true);
                  case 2 -> throw new SQLException("no such disk");
                  default -> store.writer();
                },
            settings(directory, QUEUE),
            time(),
            nanos -> {});
    Change big = Change.of(new NewEntry("big", "m", "test", "x".repeat(1_000_000)));
    assertEquals(WRITE_FAILED, faultOf(journal.append(big)).code());
    assertEquals(WRITE_FAILED, faultOf(journal.append(big)).code());
    assertEquals(1, journal.append(big).join().entries().getFirst().seq());
  }

  @Test
  void aCommitThatFailedButReachedTheDiskKeepsItsSeqsAndIsAnnounced() {
    journal.close();
    AtomicInteger openings = new AtomicInteger();
    SqliteStore store = SqliteStore.open(directory);
    journal =
        SqliteJournal.open(
            store,
            () ->
                openings.incrementAndGet() == 1
                    ? failingAfterCommit(store.writer())
                    : store.writer(),
            settings(directory, QUEUE),
            time(),
            nanos -> {});
    List<Entry> heard = new CopyOnWriteArrayList<>();
    journal.onCommit(heard::addAll);

    Change change = change(row("m1", 0), new Idempotency("k", "h", "a", nowMillis.get()));
    assertEquals(WRITE_FAILED, faultOf(journal.append(change)).code());
    CompletableFuture<Committed> again = journal.append(change);
    await().until(again::isDone);
    assertInstanceOf(KeyTaken.class, again.exceptionNow());
    assertEquals(2, journal.append(Change.of(entry("b", "m"))).join().entries().get(0).seq());
    await().until(() -> heard.size() == 2);
    assertEquals(journal.entriesAfter(0, 10), heard);
  }

  /** A connection whose commits are done and then reported as failed. */
  private static Connection failingAfterCommit(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) -> {
              Object answer = method.invoke(connection, arguments);
              if (method.getName().equals("commit")) {
                throw new SQLException("input/output error");
              }
              return answer;
            });
  }

  @Test
  void aListenerThatFailsHurtsNobody() {
    List<Entry> heard = new CopyOnWriteArrayList<>();
    journal.onCommit(entries -> {
      throw new IllegalStateException("a listener's mistake");
    });
    journal.onCommit(heard::addAll);
    journal.append(Change.of(entry("a", "m"))).join();
    journal.append(Change.of(entry("b", "m"))).join();
    await().until(() -> heard.size() == 2);
  }

  @Test
  void aSecondJournalInTheDirectoryIsRefused() {
    JournalFault fault = assertThrows(JournalFault.class, this::openAgain);
    assertEquals(IN_USE, fault.code());
    assertTrue(fault.getMessage().contains("fermata.journal.directory"), fault.getMessage());
    journal.append(Change.of(entry("still", "working"))).join();
  }

  @Test
  void aModeThatIsNotDurableIsRefused() throws SQLException {
    journal.close();
    try (SqliteStore store = SqliteStore.open(directory);
        Connection connection = store.writer()) {
      SqliteStore.requireDurable(connection);
      execute(connection, "PRAGMA synchronous = NORMAL");
      JournalFault normal =
          assertThrows(JournalFault.class, () -> SqliteStore.requireDurable(connection));
      assertTrue(normal.getMessage().contains("synchronous is 1"), normal.getMessage());
    }
    try (Connection memory = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      JournalFault notWal =
          assertThrows(JournalFault.class, () -> SqliteStore.requireDurable(memory));
      assertTrue(notWal.getMessage().contains("journal_mode is memory"), notWal.getMessage());
    }
  }

  @Test
  void readersCannotWrite() throws SQLException {
    journal.close();
    try (SqliteStore store = SqliteStore.open(directory);
        Connection reader = store.reader()) {
      assertThrows(SQLException.class, () -> execute(reader, "delete from entry"));
    }
  }

  @Test
  void aDirectoryThatCannotBeIsRefused() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    JournalFault fault =
        assertThrows(
            JournalFault.class,
            () -> SqliteJournal.open(settings(file, QUEUE), time(), nanos -> {}));
    assertEquals(OPEN_FAILED, fault.code());
  }

  @Test
  void settingsNameThePropertyThatIsWrong() {
    assertNames("fermata.journal.directory", () -> settings(null, 1));
    assertNames("fermata.journal.queue-limit", () -> settings(directory, 0));
    assertNames("fermata.journal.readers", () -> new JournalSettings(directory, 1, 0, RETENTION));
    assertNames(
        "fermata.journal.key-retention", () -> new JournalSettings(directory, 1, 1, Duration.ZERO));
  }

  /** Holds the writer in a listener, so that what is appended meanwhile becomes one batch. */
  private void whileTheWriterIsHeld(Runnable appends) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean once = new AtomicBoolean();
    journal.onCommit(entries -> {
      if (once.compareAndSet(false, true)) {
        held.countDown();
        awaitQuietly(go);
      }
    });
    journal.append(Change.of(entry("hold", "writer"))).join();
    held.await();
    try {
      appends.run();
    } finally {
      go.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JournalFault faultOf(CompletableFuture<Committed> answer) {
    await().until(answer::isDone);
    return (JournalFault) answer.exceptionNow();
  }

  private static void assertNames(String property, Executable e) {
    String message = assertThrows(IllegalArgumentException.class, e).getMessage();
    assertTrue(message.startsWith(property + " must"), message);
  }

  /** A database that may grow by a few pages only: what a full disk looks like to SQLite. */
  private static Connection limited(Connection connection, boolean full) throws SQLException {
    if (full) {
      execute(connection, "PRAGMA max_page_count = 60");
    }
    return connection;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private JournalTime time() {
    return new JournalTime(this::now, System::nanoTime);
  }

  static JournalSettings settings(Path directory, int queueLimit) {
    return new JournalSettings(directory, queueLimit, 2, RETENTION);
  }
}
