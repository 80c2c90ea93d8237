package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What was queued before this process began, and a host of it that says nothing. */
class JournaledRecoveryTest implements Given.Hosts, Agents {
  private static final long SILENCE_MILLIS = 10_000;
  private static final Migration WAITING = Orders.queued("m0000008", new Epoch(1, "o1"));

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Map<Which, AgentState> states = new EnumMap<>(Which.class);
  private final MigrationLoop loop;
  private final JournaledRecovery recovery;
  private final List<String> heard = new ArrayList<>();
  private final List<String> heardBeforeTheStart;
  private long now = 1_000_000;

  private enum Which {
    SOURCE,
    DESTINATION
  }

  JournaledRecoveryTest() {
    Moment moment = Given.moment(() -> now);
    var world = new MigrationLoop.World(journal, this, this, moment, tasks::add, "o2");
    loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    var settings =
        new JournaledRecovery.Settings(JournaledRecovery.Mode.COMPARE, 1_000, SILENCE_MILLIS);
    recovery =
        new JournaledRecovery(
            loop,
            journal,
            (host, millis, then) -> {
              heard.add(host.value());
              then.accept(new Memories.Word.Told(List.of()));
            },
            this,
            settings);
    states.put(Which.SOURCE, AgentState.READY);
    states.put(Which.DESTINATION, AgentState.UNKNOWN);
    journal.append(new Change(List.of(), new RowWrite(Writer.row(WAITING, 1, 0), 0), null)).join();
    heardBeforeTheStart = ticked();
    recovery.start(loop::recover);
    work();
  }

  /** The loop's thread runs before anybody has said what is to begin. */
  private List<String> ticked() {
    pass(10_000);
    now = 1_000_000;
    return List.copyOf(heard);
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void pass(long millis) {
    now += millis;
    loop.tick();
    work();
  }

  private boolean waits() {
    return loop.run(WAITING.id()).isPresent();
  }

  private String why() {
    String data = journal.row(WAITING.id().value()).orElseThrow().data();
    return String.valueOf(MigrationJson.migration(data).failure());
  }

  /** Else everything that is open would be compared, found in order, and driven by nobody. */
  @Test
  void aLoopThatRunsEarlyComparesNothingBeforeItIsSaidWhatBegins() {
    assertEquals(List.of(), heardBeforeTheStart);
    assertTrue(waits(), "it was taken up");
  }

  @Test
  void aHostThatSaysNothingIsWaitedForUntilItCountsAsLost() {
    assertTrue(recovery.begun());
    pass(SILENCE_MILLIS - 1);
    assertTrue(waits(), "it may still say that it knows more");
    assertTrue(recovery.nextMillis() <= now + 1, "it is woken in time");
    pass(1);
    assertFalse(waits());
    assertTrue(why().contains("host-b's agent is UNKNOWN"), this::why);
  }

  /** A later life of the journal may have stopped the set: then it was not cancelled in time. */
  @Test
  void whatSomebodyMayKnowToHaveStartedIsNotCancelledInTheQueue() {
    Run run = loop.run(WAITING.id()).orElseThrow();
    loop.wish(run, new Note.AbortWished(new Migration.Wish("ops", "not needed", now)), "ops");
    work();
    pass(SILENCE_MILLIS - 1);
    assertTrue(waits(), "host-b has not said what it remembers");
    states.put(Which.DESTINATION, AgentState.READY);
    pass(1);
    pass(Terms.usual().pollMillis());
    assertFalse(waits(), "both have said that they know of nothing");
  }

  /** Nobody can know more of it than this process, which took the order. */
  @Test
  void whatIsOrderedSinceWaitsForNoSilentHost() {
    Migration since = Orders.queued("m0000009", new Epoch(1, "o2"));
    journal.append(new Change(List.of(), new RowWrite(Writer.row(since, 1, 0), 0), null)).join();
    tasks.add(() -> loop.adopt(since));
    work();
    assertTrue(loop.run(since.id()).isEmpty(), "its check failed at once");
    assertTrue(waits());
  }

  @Test
  void aHostThatComesBackIsHeardFirst() {
    assertEquals(List.of("host-a"), heard);
    pass(SILENCE_MILLIS - 1);
    assertTrue(waits());
    states.put(Which.DESTINATION, AgentState.READY);
    pass(1);
    assertTrue(heard.contains("host-b"));
    assertFalse(waits(), "both have said that they know of nothing");
    assertFalse(why().contains("UNKNOWN"), this::why);
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    // nobody answers
  }

  @Override
  public List<HostView> hosts() {
    return List.of(view(Which.SOURCE), view(Which.DESTINATION));
  }

  private HostView view(Which which) {
    HostName name =
        which == Which.SOURCE ? WAITING.order().source() : WAITING.order().destination();
    return Given.host(name, states.get(which));
  }
}
