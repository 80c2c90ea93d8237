package io.fermata.migration;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Request;
import io.fermata.journal.Journal;
import io.fermata.journal.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The orchestrator's one loop: it owns every migration under way, and carries out what {@link
 * MigrationDriver} decides: record, then send. All its methods are called on one thread, the one
 * behind {@code loop}; answers and commits are handed to it there.
 *
 * <p>Outside the blackout nothing is sent before what was decided is on disk. Inside it the writes
 * run along in order and nobody waits for them: safety rests on the agents' facts, the journal
 * keeps the intent.
 */
public final class MigrationLoop {
  private static final int STEPS_AT_ONCE = 40;
  private static final long SPARE_MILLIS = 2_000;

  private final Agents agents;
  private final Fleet fleet;
  private final Transitions lifecycle;
  private final Terms terms;
  private final Moment moment;
  private final Executor loop;
  private final Writer writer;
  private final Doubts doubts;
  private final Epoch owner;
  private final Onlooker onlooker;
  private final SortedMap<MigrationId, Run> runs = new TreeMap<>();
  private final TreeSet<Wake> wakes = new TreeSet<>();
  private final List<Watcher> watchers = new ArrayList<>();

  private record Wake(long at, MigrationId id) implements Comparable<Wake> {
    @Override
    public int compareTo(Wake other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  private record Watcher(MigrationId id, long version, long until, Runnable then) {}

  /** What the loop needs of the world. */
  public record World(
      Journal journal,
      Agents agents,
      Fleet fleet,
      Moment moment,
      Executor loop,
      String owner,
      Onlooker onlooker) {
    /** A world in which nobody looks on. */
    public World(
        Journal journal, Agents agents, Fleet fleet, Moment moment, Executor loop, String owner) {
      this(journal, agents, fleet, moment, loop, owner, Onlooker.NOBODY);
    }
  }

  public MigrationLoop(World world, Transitions lifecycle, Terms terms) {
    this.agents = world.agents();
    this.fleet = world.fleet();
    this.moment = world.moment();
    this.loop = world.loop();
    this.owner = new Epoch(1, world.owner());
    this.onlooker = world.onlooker();
    this.lifecycle = lifecycle;
    this.terms = terms;
    this.writer = new Writer(world.journal(), this::onLoop, this::written);
    this.doubts = new Doubts(world.journal(), this::adopt);
  }

  /** Takes over every open migration of the journal: raises its epoch, then goes on deciding. */
  void recover(List<Row> open) {
    for (Row row : open) {
      Migration found = MigrationJson.migration(row.data());
      Run run = new Run(found, row.version());
      runs.put(found.id(), run);
      var epoch = new Epoch(found.epoch().number() + 1, owner.owner());
      keep(run, List.of(new Note.TakenOver(epoch)), "orchestrator");
      run.waitForJournal(true);
    }
  }

  /** A migration that is in the journal now and starts its life here. */
  void adopt(Migration submitted) {
    Run run = new Run(submitted, 1);
    runs.put(submitted.id(), run);
    onlooker.began(submitted);
    step(run);
  }

  /** This incarnation's first term over a new migration. */
  Epoch firstEpoch() {
    return owner;
  }

  /** The run of an open migration. */
  Optional<Run> run(MigrationId id) {
    return Optional.ofNullable(runs.get(id));
  }

  /** Every open migration. */
  List<Run> open() {
    return List.copyOf(runs.values());
  }

  /** Keeps a wish and acts on it at once. */
  void wish(Run run, Note note, String actor) {
    keep(run, List.of(note), actor);
    step(run);
  }

  /** Keeps a decision and acts on it once it is on disk; whoever waits is then told. */
  void decided(Run run, Note note, String actor, Consumer<Boolean> then) {
    keep(run, List.of(note), actor);
    run.waitForJournal(true);
    run.whenDurable(then);
  }

  void watch(MigrationId id, long version, long untilMillis, Runnable then) {
    watchers.add(new Watcher(id, version, untilMillis, then));
    notice();
  }

  /** Lets time pass; to be called at least as often as {@link #nextWakeMillis} says. */
  public void tick() {
    long now = moment.epochMillis();
    while (!wakes.isEmpty() && wakes.first().at() <= now) {
      Wake wake = wakes.removeFirst();
      run(wake.id()).ifPresent(this::step);
    }
    writer.retryDue(now);
    doubts.retryDue(now);
    notice();
  }

  /** When the loop has something to do by itself, epoch milliseconds. */
  public long nextWakeMillis() {
    long next = wakes.isEmpty() ? Long.MAX_VALUE : wakes.first().at();
    for (Watcher watcher : watchers) {
      next = Math.min(next, watcher.until());
    }
    return Math.min(next, Math.min(writer.nextRetryMillis(), doubts.nextRetryMillis()));
  }

  Live live(Run run) {
    return run.live(terms, position(run));
  }

  Terms terms() {
    return terms;
  }

  Moment moment() {
    return moment;
  }

  Writer writer() {
    return writer;
  }

  Doubts doubts() {
    return doubts;
  }

  void onLoop(Runnable task) {
    loop.execute(task);
  }

  private @Nullable Integer position(Run run) {
    if (run.migration().phase() != Phase.QUEUED) {
      return null;
    }
    return 1
        + (int)
            runs.values().stream()
                .filter(r -> r.migration().phase() == Phase.QUEUED)
                .filter(r -> r.migration().created() < run.migration().created())
                .count();
  }

  private void step(Run run) {
    for (int i = 0; i < STEPS_AT_ONCE; i++) {
      if (run.lost() || run.waitsForJournal() || run.migration().ended()) {
        break;
      }
      Decision decision = decide(run);
      if (decision.trigger() == null && decision.notes().isEmpty()) {
        decision.asks().forEach(ask -> send(run, ask));
        break;
      }
      if (decision.trigger() == null) {
        keep(run, decision.notes(), "orchestrator");
        run.waitForJournal(true);
        break;
      }
      move(run, decision, decision.trigger());
    }
    schedule(run);
    notice();
  }

  /**
   * What an operator's decision would come to, as things are known now; empty without its hosts.
   */
  Optional<Ruling> ruling(Run run, Side keep) {
    Optional<HostView> source = fleet.host(run.migration().order().source());
    Optional<HostView> destination = fleet.host(run.migration().order().destination());
    return source.flatMap(s -> destination.map(d -> Ruling.of(known(run, s, d), keep)));
  }

  private Decision decide(Run run) {
    Migration m = run.migration();
    Optional<HostView> source = fleet.host(m.order().source());
    Optional<HostView> destination = fleet.host(m.order().destination());
    if (m.phase() == Phase.QUEUED || m.phase() == Phase.CHECKING) {
      return Admission.decide(m, source, destination, place());
    }
    if (source.isEmpty() || destination.isEmpty()) {
      return Decision.nothing(); // a host left the inventory: nothing can be asked of it
    }
    return MigrationDriver.decide(known(run, source.get(), destination.get()));
  }

  private Known known(Run run, HostView source, HostView destination) {
    String data = destination.dataPlane() == null ? "" : destination.dataPlane();
    return new Known(
        run.migration(),
        run.on(Side.SOURCE).sighting(),
        run.on(Side.DESTINATION).sighting(),
        terms,
        moment.epochMillis(),
        moment.monotonicNanos(),
        run.entered(),
        new Known.Peers(source.peer().toString(), destination.peer().toString(), data),
        writer.failing() ? Known.JournalState.FAILS : Known.JournalState.WRITES);
  }

  private Admission.Place place() {
    long active = runs.values().stream().filter(r -> r.migration().phase() != Phase.QUEUED).count();
    return active < terms.maxActive() ? Admission.Place.FREE : Admission.Place.TAKEN;
  }

  private void move(Run run, Decision decision, Trigger trigger) {
    Migration before = run.migration();
    Migration informed = before.with(decision.notes(), moment.epochMillis());
    Phase next =
        lifecycle
            .next(informed, trigger)
            .orElseThrow(() ->
                new IllegalStateException(
                    before.id()
                        + " is in "
                        + before.phase()
                        + ", where "
                        + trigger
                        + " leads nowhere"));
    List<Note> notes = new ArrayList<>(decision.notes());
    notes.add(new Note.Moved(before.phase(), next, trigger, decision.outcome()));
    keep(run, notes, "orchestrator");
    run.waitForJournal(!before.phase().dark() || decision.outcome() != null);
  }

  private void keep(Run run, List<Note> notes, String actor) {
    long now = moment.epochMillis();
    Migration before = run.migration();
    run.become(before.with(notes, now), moment.monotonicNanos());
    writer.write(run, notes, actor, now);
    onlooker.became(before, run.migration(), notes);
  }

  private void send(Run run, Known.Ask ask) {
    Request request = ask.request();
    SideRun side = run.on(ask.side());
    if (!side.maySend(request, run.migration().phase(), moment.epochMillis(), terms)) {
      return;
    }
    long asked = moment.epochNanos();
    side.sent(request, asked / 1_000_000);
    Order order = run.migration().order();
    agents.ask(
        ask.side() == Side.SOURCE ? order.source() : order.destination(),
        request,
        request.header().awaitMillis() + SPARE_MILLIS,
        word -> heard(run, ask, asked, word));
  }

  /**
   * Called on whatever thread the answer came; the time of arrival is taken there, the rest happens
   * on the loop.
   */
  private void heard(Run run, Known.Ask ask, long asked, Agents.Word word) {
    long now = moment.epochNanos();
    long nanos = moment.monotonicNanos();
    onLoop(() -> {
      SideRun side = run.on(ask.side());
      switch (word) {
        case Agents.Word.Answered a ->
            side.answered(ask.request(), a.answer(), new SideRun.Moment(now, asked), terms);
        case Agents.Word.Silent s ->
            side.silent(ask.request(), s.detail(), now / 1_000_000, nanos, terms);
      }
      step(run);
    });
  }

  private void written(Run run, Writer.Result result) {
    switch (result) {
      case KEPT -> {
        boolean all = run.durableVersion() == run.migration().version();
        if (all) {
          run.waitForJournal(false);
          run.settled(true);
          onlooker.kept(run.migration(), side -> run.on(side).view());
        }
        if (all && run.migration().ended()) {
          forget(run);
        }
      }
      case LOST -> {
        run.lose();
        run.settled(false);
        forget(run);
        onlooker.lost(run.migration());
      }
      case FAILED -> {}
    }
    step(run);
  }

  private void forget(Run run) {
    runs.remove(run.migration().id());
    wakes.removeIf(w -> w.id().equals(run.migration().id()));
    runs.values().stream()
        .filter(r -> r.migration().phase() == Phase.QUEUED)
        .min(Comparator.comparingLong(r -> r.migration().created()))
        .ifPresent(r -> onLoop(() -> step(r)));
  }

  /** Wakes for the poll, and exactly when a deadline or the budget runs out. */
  private void schedule(Run run) {
    Migration m = run.migration();
    if (run.lost() || m.ended() || !runs.containsKey(m.id())) {
      return;
    }
    long now = moment.epochMillis();
    long at = now + terms.pollMillis();
    at = Math.min(at, Math.max(now + 1, m.phaseSince() + terms.deadlineMillis(m.phase())));
    if (m.phase().inBarrier() && m.order().blackoutBudgetMillis() > 0) {
      at = Math.min(at, Math.max(now + 1, m.darkSince() + m.order().blackoutBudgetMillis() + 1));
    }
    Wake next = new Wake(at, m.id());
    run.wake().ifPresent(old -> wakes.remove(new Wake(old, m.id())));
    run.wakeAt(at);
    wakes.add(next);
  }

  private void notice() {
    long now = moment.epochMillis();
    for (Watcher watcher : List.copyOf(watchers)) {
      Run run = runs.get(watcher.id());
      // an end is shown once it is durable; from then on the run is forgotten
      boolean changed =
          run == null
              || (run.migration().version() != watcher.version() && !run.migration().ended());
      if (changed || now >= watcher.until()) {
        watchers.remove(watcher);
        watcher.then().run();
      }
    }
  }
}
