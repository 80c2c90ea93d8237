package io.fermata.migration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fermata.device.Goal;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.Journal;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Migrations.Result;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The database answers a question after a while, or never: a set in the barrier waits for none. */
class HangingJournalTest implements Agents, Fleet {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final MigrationId OVER = new MigrationId("m0000009");
  private static final Migration NEWBORN = Orders.queued("m0000008", new Epoch(1, "o1"));

  private final MemoryJournal memory =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answers = new CountDownLatch(1);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicReference<Consumer<Word>> quiesce = new AtomicReference<>();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final MigrationLoop loop;
  private final JournaledMigrations migrations;

  HangingJournalTest() {
    Moment moment =
        new Moment() {
          @Override
          public long epochNanos() {
            return 2_000_000;
          }

          @Override
          public long monotonicNanos() {
            return 2_000_000;
          }
        };
    Journal hanging = hanging();
    var world = new MigrationLoop.World(hanging, this, this, moment, thread, "o1");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    loop.reading().readOn(read -> Thread.ofVirtual().start(read));
    migrations = new JournaledMigrations(loop, hanging, new SplittableRandom(1));
    Migration dark = Orders.in(Phase.QUIESCING, Evidence.NONE, null);
    var born = new RowWrite(Writer.row(dark, 1, 0), 0);
    memory.append(new Change(List.of(), born, null)).join();
    migrations.recover();
    await().atMost(PATIENCE).until(() -> quiesce.get() != null);
  }

  /** Every question after one row hangs; what is written is taken, and nothing else is asked. */
  private Journal hanging() {
    return (Journal)
        Proxy.newProxyInstance(
            Journal.class.getClassLoader(),
            new Class<?>[] {Journal.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("row")) {
                asked.countDown();
                answers.await();
              }
              try {
                return method.invoke(memory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @AfterEach
  void itAnswersAtLast() {
    answers.countDown();
    thread.shutdownNow();
  }

  @Test
  void whoAsksForOneThatIsOverKeepsNobodyInTheDark() throws InterruptedException {
    CompletableFuture<Result> abort = migrations.abort(OVER, "me", "test");
    theBarrierGoesOnBeside(abort);
    answers.countDown();
    assertEquals(Result.Unavailable.class, abort.join().getClass());
  }

  @Test
  void aBirthInDoubtKeepsNobodyInTheDark() throws InterruptedException {
    CompletableFuture<Doubts.Birth> birth = new CompletableFuture<>();
    loop.onLoop(() -> loop.doubts().settle(NEWBORN, 0, birth::complete));
    theBarrierGoesOnBeside(birth);
    answers.countDown();
    assertEquals(Doubts.Birth.NEVER, birth.join());
  }

  /** Gate 1 is told of while the question hangs, and the freeze is asked for all the same. */
  private void theBarrierGoesOnBeside(CompletableFuture<?> question) throws InterruptedException {
    asked.await();
    var report =
        Scene.report(
            Side.SOURCE,
            Standing.OPEN,
            Goal.QUIESCED,
            Progress.REACHED,
            Scene.STOP,
            List.of(),
            List.of());
    quiesce.get().accept(new Word.Answered(new Answer(null, report, "agent", 1, 2)));
    await().atMost(PATIENCE).until(() -> requests.contains("Freeze"));
    assertFalse(question.isDone());
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    requests.add(SideRun.name(request));
    if (request instanceof Request.Quiesce) {
      quiesce.set(then);
    }
  }

  @Override
  public List<HostView> hosts() {
    return List.of();
  }

  @Override
  public Optional<HostView> host(HostName name) {
    return Optional.of(
        new HostView(
            name,
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
            List.of()));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    return host(name);
  }
}
