package io.fermata.simulation;

import io.fermata.fleet.Fleet;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Request;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Replicas;
import io.fermata.migration.Agents;
import io.fermata.migration.JournaledMigrations;
import io.fermata.migration.JournaledRecovery;
import io.fermata.migration.Keeper;
import io.fermata.migration.LeaseTerms;
import io.fermata.migration.Memories;
import io.fermata.migration.MigrationLoop;
import io.fermata.migration.Migrations;
import io.fermata.migration.Moment;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Recovery;
import io.fermata.migration.Tenure;
import io.fermata.migration.Terms;
import io.fermata.wire.Protocol;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One life of an orchestrator: the production loop on this world's clock, journal and network. */
final class Orchestrator implements Executor, Agents, Moment {
  private static final SeenTransitions LIFECYCLE = new SeenTransitions();
  private static final long IDLE_MILLIS = 1_000;

  /** So long at most takes what a process reads before it says what begins. */
  private static final int READING_MILLIS = 200;

  private final Surroundings around;
  private final World world;
  private final String name;
  private final Protocol build;
  private final SimClock clock;
  private final SimJournal journal;
  private final SimFleet fleet;
  private final MigrationLoop loop;
  private final JournaledMigrations migrations;
  private final RandomGenerator random;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Keeper keeper;
  private final JournaledRecovery recovery;
  private boolean alive = true;
  private boolean pumping;
  private long pausedUntil;
  private long wakes;

  Orchestrator(Surroundings around, MemoryJournal shared, String name, Protocol build) {
    this.around = around;
    this.world = around.world();
    this.name = name;
    this.build = build;
    this.clock = new SimClock(world, name);
    this.random = world.random("orchestrator " + name);
    this.journal = new SimJournal(shared, around, name);
    this.fleet = new SimFleet(around, name, build, clock);
    boolean leases = world.options().leases();
    Tenure tenure = leases ? Tenure.leased() : Tenure.alone();
    var needs =
        new MigrationLoop.World(journal, this, fleet, this, this, name, Onlooker.NOBODY, tenure);
    this.loop = new MigrationLoop(needs, LIFECYCLE, Terms.usual());
    this.migrations = new JournaledMigrations(loop, journal, random);
    var self = new Replicas.Replica(name, "http://" + name, "", 0, 0);
    this.keeper = new Keeper(journal.replicas(), journal, loop, self, LeaseTerms.usual());
    this.recovery = world.options().comparing() ? comparing() : null;
  }

  private JournaledRecovery comparing() {
    var settings = new JournaledRecovery.Settings(JournaledRecovery.Mode.COMPARE, 2_000, 10_000);
    return new JournaledRecovery(loop, journal, this::remember, fleet, settings);
  }

  /** Takes up what is open in the journal; a process that cannot read it ends. */
  boolean recover() {
    if (recovery != null) {
      world.after(World.SECOND, name + " is looked after", this::accept);
    }
    if (world.options().leases()) {
      world.note(name + " joins");
      if (recovery != null) {
        recovery.start(open -> {});
      }
      beat();
      return true;
    }
    world.note(name + " takes over");
    if (recovery == null) {
      return read(migrations::recover);
    }
    execute(() -> {}); // its loop turns while the journal is being read
    long reading = clock.virtual(random.nextInt(READING_MILLIS) * World.MILLI);
    world.after(reading, name + " has read the journal", () -> read(this::compare));
    return true;
  }

  private void compare() {
    if (alive) {
      migrations.recover(Objects.requireNonNull(recovery));
    }
  }

  private boolean read(Runnable taking) {
    try {
      taking.run();
      return true;
    } catch (JournalFault e) {
      die();
      return false;
    }
  }

  /** Whether it drives, and has nothing to import. */
  boolean hasBegun() {
    return recovery == null || recovery.view().state() == Recovery.State.OPEN;
  }

  /** Somebody looks whether it waits to be told that what the agents know may be imported. */
  private void accept() {
    if (!alive) {
      return;
    }
    Recovery.View view = recovery.view();
    if (view.waits() && !world.has(Fault.JOURNAL_RESTORED)) {
      world.broken(new Violation("OnlyARestoredJournalWaits", name + " waits: " + view.findings()));
    }
    boolean patient = !view.silent().isEmpty() && random.nextInt(4) > 0;
    if (view.waits() && !patient) {
      world.note(name + " is told to import " + view.findings().size());
      recovery.accept(new Recovery.Acceptance("operator", "restored", view.version(), true));
    }
    world.after(World.SECOND, name + " is looked after", this::accept);
  }

  private void remember(HostName host, long timeoutMillis, Consumer<Memories.Word> then) {
    around
        .network()
        .send(
            name,
            host.value(),
            "memory?",
            () -> {
              AgentProcess agent = around.host(host).agent();
              boolean heard = agent != null && around.host(host).objection(build) == null;
              if (heard && !agent.isQuiet() && agent.pausedUntil() <= world.now()) {
                var told = new Memories.Word.Told(agent.claims().remembered(null, 10_000));
                around
                    .network()
                    .send(
                        host.value(),
                        name,
                        "memory",
                        () -> {
                          if (alive) {
                            then.accept(told);
                          }
                        });
              }
            });
  }

  /** Its heart stands still while the process does; the lease does not. */
  private void beat() {
    if (!alive) {
      return;
    }
    if (!world.isCalm() && pausedUntil > world.now()) {
      world.at(pausedUntil, name + "'s heart beats late", this::beat);
      return;
    }
    keeper.turn();
    long next = clock.virtual(LeaseTerms.usual().heartbeat().toNanos());
    world.after(next, name + "'s heart beats", this::beat);
  }

  Protocol build() {
    return build;
  }

  String name() {
    return name;
  }

  Migrations migrations() {
    return migrations;
  }

  Fleet fleet() {
    return fleet;
  }

  SimClock clock() {
    return clock;
  }

  SimJournal journal() {
    return journal;
  }

  boolean isAlive() {
    return alive;
  }

  void pause(long nanos) {
    pausedUntil = world.now() + nanos;
    world.note(name + " pauses");
  }

  void die() {
    if (!alive) {
      return;
    }
    alive = false;
    journal.die();
    world.note(name + " dies");
  }

  @Override
  public void execute(Runnable task) {
    if (!alive) {
      return;
    }
    tasks.add(task);
    if (!pumping) {
      pumping = true;
      world.after(World.MICRO, name + " works", this::pump);
    }
  }

  private void pump() {
    if (!alive) {
      return;
    }
    if (!world.isCalm() && pausedUntil > world.now()) {
      world.at(pausedUntil, name + " works late", this::pump);
      return;
    }
    try {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
      pumping = false;
      loop.tick();
    } catch (RuntimeException e) {
      throw new Violation("OrchestratorLives", name + " has ended itself: " + e, e);
    }
    long pause = Math.clamp(loop.nextWakeMillis() - epochMillis(), 1, IDLE_MILLIS);
    wakes++;
    long wake = wakes;
    world.after(
        clock.virtual(pause * World.MILLI),
        name + " wakes",
        () -> {
          if (wake == wakes && !pumping) {
            pump();
          }
        });
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    forged(host, request).forEach((to, forgery) -> send(to, forgery, timeoutMillis, word -> {}));
    send(host, request, timeoutMillis, then);
  }

  /** What an orchestrator without the rule of the mutant would send besides. */
  private Map<HostName, Request> forged(HostName host, Request request) {
    if (request instanceof Request.Seal r && world.lacks(Rule.START_WITHOUT_SEAL)) {
      var ready = r.ready();
      HostName to = ready.destination();
      var seal = new Receipt.Sealed(ready.migration(), ready.stop(), to, ready.images());
      return Map.of(to, new Request.Start(r.header(), seal));
    }
    if (!(request instanceof Request.Start r)) {
      return Map.of();
    }
    var seal = r.seal();
    HostName source = source(seal.migration());
    if (world.lacks(Rule.UNSEAL_WITHOUT_VOID)) {
      var voided = new Receipt.Voided(seal.migration(), seal.stop(), host);
      return Map.of(source, new Request.Unseal(r.header(), voided));
    }
    if (world.lacks(Rule.RELEASE_WITHOUT_START)) {
      var started = new Receipt.Started(seal.migration(), seal.stop(), host);
      return Map.of(source, new Request.Release(r.header(), started));
    }
    return Map.of();
  }

  private HostName source(MigrationId migration) {
    return around.hosts().keySet().stream()
        .filter(name -> around.truth().ledger().has(name, migration, Fact.Sealed.class))
        .findFirst()
        .orElseThrow();
  }

  private void send(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    if (world.strikes(Fault.CRASH_BEFORE_SEND, random)) {
      die();
    }
    if (!alive) {
      return; // it goes on to the end of its turn, and nobody sees anything of it
    }
    around.truth().asked(name, request.header().migration(), world.now());
    Call call = new Call(then);
    if (around.network().isRefused(name, host.value())) {
      String why = "certificate refused";
      long soon = around.network().handshake();
      world.after(soon, name + ": " + why, () -> end(call, new Word.Silent(why)));
      return;
    }
    Request read = around.overWire(request);
    around.network().ask(name, host, read, () -> arrive(host, read, call));
    long patience = clock.virtual(timeoutMillis * World.MILLI);
    world.after(
        patience, name + " has waited", () -> end(call, new Word.Silent("no answer in time")));
  }

  /** An agent that speaks no version of this build takes nothing and says so. */
  private void arrive(HostName host, Request request, Call call) {
    SimHost there = around.host(host);
    String objection = there.objection(build);
    if (objection == null) {
      there.take(request, answer -> answer(host, answer, call));
    } else {
      Runnable told = () -> end(call, new Word.Silent(objection));
      around.network().send(host.value(), name, objection, told);
    }
  }

  private void answer(HostName from, Answer answer, Call call) {
    Answer read = around.overWire(answer);
    String refusal = answer.refusal() == null ? "" : " refused " + answer.refusal().code();
    around
        .network()
        .send(from.value(), name, "Answer" + refusal, () -> end(call, new Word.Answered(read)));
  }

  private void end(Call call, Word word) {
    if (alive && !call.ended) {
      call.ended = true;
      call.then.accept(word);
    }
  }

  private static final class Call {
    private final Consumer<Word> then;
    private boolean ended;

    Call(Consumer<Word> then) {
      this.then = then;
    }
  }

  @Override
  public long epochNanos() {
    return clock.epoch();
  }

  @Override
  public long monotonicNanos() {
    return clock.monotonic();
  }
}
