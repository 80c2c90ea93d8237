package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Request;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.Agents;
import io.fermata.migration.JournaledMigrations;
import io.fermata.migration.Lifecycle;
import io.fermata.migration.Migration;
import io.fermata.migration.MigrationLoop;
import io.fermata.migration.MigrationRows;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Rehearsal;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Moment;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Resolution;
import io.fermata.migration.Terms;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The orchestrator's loop over two agents of which one is lost: parked, resolved, and back again.
 */
class ResolvedMigrationTest implements Agents, Fleet, Moment, Executor {
  private static final long STEP = 50_000_000;
  private static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);

  private final Pair pair = new Pair(2, Capabilities.ofFlags(7));
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Map<Long, Consumer<Word>> waiting = new LinkedHashMap<>();
  private final Set<Pair.Host> lost = new HashSet<>();
  private final MemoryJournal journal =
      new MemoryJournal(() -> Instant.ofEpochSecond(0, pair.now), Duration.ofDays(7));
  private final MigrationLoop loop =
      new MigrationLoop(
          new MigrationLoop.World(journal, this, this, this, this, "o1"),
          new Lifecycle(),
          Terms.usual());
  private final JournaledMigrations migrations =
      new JournaledMigrations(loop, journal, new SplittableRandom(1));
  private Pair.Host losesAtTheSeal = pair.destination;
  private long tickets = 1_000_000;

  @Test
  void theSourceIsKeptAndTheDestinationLearnsOfItWhenItComesBack() {
    MigrationId id = parked(pair.destination);
    resolve(id, Side.SOURCE);
    until(() -> now(id).ended());
    assertEquals(Outcome.RESOLVED, now(id).outcome());
    assertEquals(WORD, now(id).resolution().word());
    assertTrue(pair.source.guestRuns);
    var decided =
        migrations.history(id, 0, 100).stream()
            .filter(h -> h.type().equals("migration.operator-decided"))
            .findFirst()
            .orElseThrow();
    assertEquals("ops", decided.actor());
    assertTrue(decided.data().contains("BMC-off-1842"), decided.data());
    comesBack(pair.destination);
    until(() -> holder(pair.destination).standing() == Standing.CLOSED);
    assertFalse(pair.destination.guestRuns);
    assertTrue(pair.source.guestRuns);
  }

  @Test
  void theDestinationIsKeptAndTheSourceLetsGoWhenItComesBack() {
    MigrationId id = parked(pair.source);
    assertEquals(Set.of(DeviceState.STOP), Set.copyOf(pair.destination.devices.values()));
    resolve(id, Side.DESTINATION);
    until(() -> now(id).ended());
    assertEquals(Outcome.RESOLVED, now(id).outcome());
    assertTrue(pair.destination.guestRuns);
    comesBack(pair.source);
    until(() -> holder(pair.source).standing() == Standing.CLOSED);
    assertFalse(pair.source.guestRuns);
    assertTrue(pair.destination.guestRuns);
  }

  @Test
  void onlyTheLastDryRunOfTheSameWordsConfirms() {
    MigrationId id = parked(pair.destination);
    var resolution = new Resolution(Side.SOURCE, WORD);
    long version = now(id).version();
    var first = possible(done(migrations.rehearse(id, resolution)));
    var second = possible(done(migrations.rehearse(id, resolution)));
    assertInstanceOf(
        Result.Unconfirmed.class,
        done(migrations.resolve(id, resolution, version, first.confirm())));
    var other = new Resolution(Side.SOURCE, new Testimony("ops", "a guess", "rack burnt", 8));
    assertInstanceOf(
        Result.Unconfirmed.class, done(migrations.resolve(id, other, version, second.confirm())));
    assertInstanceOf(
        Result.Outdated.class,
        done(migrations.resolve(id, resolution, version - 1, second.confirm())));
    assertInstanceOf(
        Result.Taken.class, done(migrations.resolve(id, resolution, version, second.confirm())));
    assertInstanceOf(
        Result.Conflict.class, done(migrations.resolve(id, resolution, version, second.confirm())));
  }

  @Test
  void theLostHostThatSpeaksBetweenDryRunAndDecisionIsHeard() {
    MigrationId id = parked(pair.destination);
    var resolution = new Resolution(Side.SOURCE, WORD);
    var dry = possible(done(migrations.rehearse(id, resolution)));
    pair.destination.reachable = true; // it was only cut off, and starts on the seal
    lost.clear();
    until(() -> pair.destination.guestRuns);
    done(migrations.resolve(id, resolution, dry.migration().version(), dry.confirm()));
    until(() -> now(id).ended());
    assertEquals(Outcome.SUCCEEDED, now(id).outcome());
    assertFalse(pair.source.guestRuns);
    assertTrue(
        migrations.history(id, 0, 100).stream()
            .anyMatch(h -> h.type().equals("migration.overturned")));
  }

  @Test
  void whatIsOverIsNotResolved() {
    losesAtTheSeal = null;
    MigrationId id = submitted();
    var why =
        assertInstanceOf(
            Rehearsal.Impossible.class,
            done(migrations.rehearse(id, new Resolution(Side.SOURCE, WORD))));
    var conflict = assertInstanceOf(Result.Conflict.class, why.why());
    assertEquals(Migrations.Reason.ENDED, conflict.reason());
  }

  /** One host is lost as the seal is asked for; whoever is left cannot know what came of it. */
  private MigrationId parked(Pair.Host losing) {
    losesAtTheSeal = losing;
    MigrationId id = submitted();
    until(() -> now(id).phase() == Phase.NEEDS_OPERATOR || now(id).ended());
    assertEquals(Phase.NEEDS_OPERATOR, now(id).phase());
    return id;
  }

  private MigrationId submitted() {
    pair.destination.guestRuns = false;
    List<Order.Pair> pairs =
        pair.source.devices.keySet().stream().map(d -> new Order.Pair(d, d)).toList();
    var order =
        new Order(
            "vm",
            Pair.SOURCE,
            Pair.DESTINATION,
            pairs,
            new Order.PreCopyTerms(false, 1, 1),
            0,
            Order.OnBudgetExceeded.CONTINUE,
            null,
            "user");
    var submission = new Migrations.Submission(order, "test", "api", 1, null, null);
    return ((Result.Taken) done(migrations.submit(submission))).migration().id();
  }

  private void resolve(MigrationId id, Side keep) {
    var resolution = new Resolution(keep, WORD);
    var dry = possible(done(migrations.rehearse(id, resolution)));
    long version = dry.migration().version();
    assertInstanceOf(
        Result.Taken.class, done(migrations.resolve(id, resolution, version, dry.confirm())));
  }

  private static Rehearsal.Possible possible(Rehearsal rehearsal) {
    return assertInstanceOf(Rehearsal.Possible.class, rehearsal);
  }

  /** Switched on again: the process is new, the devices are as they were. */
  private void comesBack(Pair.Host host) {
    Pair.Host other = host == pair.source ? pair.destination : pair.source;
    pair.obeys =
        (at, move) -> {
          boolean both = at == host && other.guestRuns && move.hop().to().mayChange();
          assertFalse(both, "two hosts run: " + move);
          return move.hop().to();
        };
    host.reachable = true;
    lost.clear();
    host.restart();
  }

  private Migration now(MigrationId id) {
    work();
    return MigrationRows.read(journal.row(id.value()).orElseThrow());
  }

  private static ClaimReport holder(Pair.Host host) {
    return host.claims.all().iterator().next().report(0);
  }

  private <T> T done(CompletableFuture<T> future) {
    work();
    return future.join();
  }

  private void until(BooleanSupplier reached) {
    for (int i = 0; i < 4_000 && !reached.getAsBoolean(); i++) {
      pair.now += STEP;
      for (Pair.Host host : List.of(pair.source, pair.destination)) {
        if (!lost.contains(host)) {
          host.tick();
        }
      }
      pair.settle();
      answer();
      loop.tick();
      work();
    }
    assertTrue(reached.getAsBoolean(), "it never came to that");
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void answer() {
    for (Long ticket : List.copyOf(waiting.keySet())) {
      for (Pair.Host host : List.of(pair.source, pair.destination)) {
        Answer answer = lost.contains(host) ? null : host.answers.remove(ticket);
        if (answer != null) {
          waiting.remove(ticket).accept(new Word.Answered(answer));
        }
      }
    }
  }

  @Override
  public void ask(HostName name, Request request, long timeoutMillis, Consumer<Word> then) {
    if (request instanceof Request.Seal && losesAtTheSeal != null) {
      losesAtTheSeal.reachable = false;
      lost.add(losesAtTheSeal);
      losesAtTheSeal = null;
    }
    boolean onAWord = request instanceof Request.Reclaim;
    assertFalse(onAWord && lost.isEmpty(), "a word in place of what the other host could say");
    Pair.Host host = pair.at(name);
    if (lost.contains(host)) {
      then.accept(new Word.Silent("connection refused"));
      return;
    }
    long ticket = tickets++;
    waiting.put(ticket, then);
    host.on(new Event.Asked(request, new Ticket(ticket, pair.now)));
    pair.settle();
    execute(this::answer);
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public long epochNanos() {
    return pair.now;
  }

  @Override
  public long monotonicNanos() {
    return pair.now;
  }

  @Override
  public List<HostView> hosts() {
    return List.of(view(pair.source), view(pair.destination));
  }

  @Override
  public Optional<HostView> host(HostName name) {
    return Optional.of(view(pair.at(name)));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    return host(name);
  }

  private HostView view(Pair.Host host) {
    List<DeviceView> devices = new ArrayList<>();
    for (DeviceName name : host.devices.keySet()) {
      String vm = host.claims.devices().get(name).vm();
      devices.add(
          new DeviceView(
              host.name,
              name,
              "sim",
              "sim",
              "model",
              pair.flags,
              host.devices.get(name),
              0,
              vm,
              null,
              1L,
              null));
    }
    return new HostView(
        host.name,
        URI.create(host.name.value()),
        "data:1",
        Map.of(),
        true,
        HostView.AgentState.READY,
        "test",
        1L << 30,
        pair.now / 1_000_000,
        null,
        null,
        devices);
  }
}
