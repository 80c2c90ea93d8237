package io.fermata.migration;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Request;
import io.fermata.journal.Journal;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

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
  private static final long AGING = 300_000;

  private final Agents agents;
  private final Fleet fleet;
  private final Transitions lifecycle;
  private final Terms terms;
  private final Moment moment;
  private final Executor loop;
  private final Beside reading;
  private final Writer writer;
  private final Doubts doubts;
  private final Epoch owner;
  private final Onlooker onlooker;
  private final Doorkeeper doorkeeper;
  private final Rest rest;
  private boolean admitting;
  private final Tenure tenure;
  private final SortedMap<MigrationId, Run> runs = new TreeMap<>();
  private final Wakes wakes = new Wakes();
  private final Watchers watchers = new Watchers();
  private Clearance clearance = Clearance.GIVEN;

  /** What the loop needs of the world. */
  public record World(
      Journal journal,
      Agents agents,
      Fleet fleet,
      Moment moment,
      Executor loop,
      String owner,
      Onlooker onlooker,
      Tenure tenure) {
    /** A world with one orchestrator in it. */
    public World(
        Journal journal,
        Agents agents,
        Fleet fleet,
        Moment moment,
        Executor loop,
        String owner,
        Onlooker onlooker) {
      this(journal, agents, fleet, moment, loop, owner, onlooker, Tenure.alone());
    }

    /** A world in which nobody looks on. */
    public World(
        Journal journal, Agents agents, Fleet fleet, Moment moment, Executor loop, String owner) {
      this(journal, agents, fleet, moment, loop, owner, Onlooker.NOBODY);
    }
  }

  /** A loop whose only limit at first is the one of the terms. */
  public MigrationLoop(World world, Transitions lifecycle, Terms terms) {
    this(world, lifecycle, terms, new Places.Rules(Limits.ofCluster(terms.maxActive()), AGING));
  }

  MigrationLoop(World world, Transitions lifecycle, Terms terms, Places.Rules rules) {
    this.agents = world.agents();
    this.fleet = world.fleet();
    this.moment = world.moment();
    this.loop = world.loop();
    this.owner = new Epoch(1, world.owner());
    this.onlooker = world.onlooker();
    this.tenure = world.tenure();
    this.lifecycle = lifecycle;
    this.terms = terms;
    this.reading = new Beside(this::onLoop);
    this.writer = new Writer(world.journal(), reading, this::onLoop, this::written);
    this.doubts = new Doubts(world.journal(), reading, this::adopt);
    this.rest = new Rest(moment);
    this.doorkeeper = new Doorkeeper(new Shelf(world.journal(), "traffic"), rules, this::onLoop);
  }

  /** Takes over migrations of the journal: raises their epochs, then goes on deciding. */
  void recover(List<Row> open) {
    doorkeeper.loadDue(moment.epochMillis());
    admitting = true; // nobody starts before all who hold places are counted
    for (Row row : open) {
      Migration found = MigrationJson.migration(row.data());
      if (runs.containsKey(found.id())) {
        continue;
      }
      Run run = new Run(found, row.version());
      run.takenUp(false);
      run.fromBefore();
      runs.put(found.id(), run);
      var epoch = new Epoch(found.epoch().number() + 1, owner.owner());
      keep(run, List.of(new Note.TakenOver(epoch)), "orchestrator");
      run.waitForJournal(true);
    }
    admitting = false;
    admit();
  }

  /** Lets go of what another replica has taken over while this one's lease was over. */
  void letGo(List<Replicas.Held> held) {
    for (Replicas.Held each : held) {
      Run run = runs.get(new MigrationId(each.id()));
      boolean taken = run != null && each.term().epoch() > run.migration().epoch().number();
      if (run != null && taken && !each.term().owner().equals(owner.owner())) {
        run.takenUp(false); // it went to whom it should: no conflict
        lose(run);
      }
    }
  }

  /** Whether anything may be driven, and who may start. */
  Clearance clearance() {
    return clearance;
  }

  void clearance(Clearance other) {
    clearance = other;
  }

  /** When this replica's leases begin, go on and end. */
  Tenure tenure() {
    return tenure;
  }

  /** A migration that is in the journal now and starts its life here. */
  void adopt(Migration submitted) {
    Run run = new Run(submitted, 1);
    runs.put(submitted.id(), run);
    onlooker.began(submitted);
    step(run);
  }

  /** This incarnation of an orchestrator. */
  String name() {
    return owner.owner();
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
    watchers.add(id, version, untilMillis, then);
    notice();
  }

  /** Lets time pass; to be called at least as often as {@link #nextWakeMillis} says. */
  public void tick() {
    long now = moment.epochMillis();
    for (var due = wakes.due(now); due.isPresent(); due = wakes.due(now)) {
      run(due.get()).ifPresent(this::step);
    }
    writer.retryDue(now);
    doubts.retryDue(now);
    doorkeeper.loadDue(now);
    rest.wakeDue(now, this::admit);
    clearance.tick(now);
    notice();
  }

  /** When the loop has something to do by itself, epoch milliseconds. */
  public long nextWakeMillis() {
    long next = Math.min(wakes.nextMillis(), watchers.nextMillis());
    next = Math.min(next, Math.min(clearance.nextMillis(), rest.wakeMillis()));
    return Math.min(next, Math.min(writer.nextRetryMillis(), doubts.nextRetryMillis()));
  }

  Live live(Run run) {
    return run.live(terms, doorkeeper.standing(run, clearance, moment.epochMillis()));
  }

  Moment moment() {
    return moment;
  }

  /** How the journal is read without waiting for it. */
  Beside reading() {
    return reading;
  }

  Doubts doubts() {
    return doubts;
  }

  void onLoop(Runnable task) {
    loop.execute(task);
  }

  Doorkeeper doorkeeper() {
    return doorkeeper;
  }

  /** From now on limits hold for all who share that journal. */
  void share(Journal journal) {
    doorkeeper.share(new SharedPlaces(journal), this::admit);
  }

  /** How many wait for their start, at all replicas as far as this one knows. */
  long queued() {
    return doorkeeper.queuedElsewhere(runs.keySet())
        + runs.values().stream().filter(r -> r.migration().phase() == Phase.QUEUED).count();
  }

  /** Gives out what is free, once for everything that has happened up to then. */
  void admit() {
    if (!admitting && rest.isOver()) {
      admitting = true;
      onLoop(this::admitNow);
    }
  }

  private void admitNow() {
    admitting = false;
    List<Run> free =
        runs.values().stream()
            .filter(run -> !run.waitsToStart() || clearance.keepsBack(run).isEmpty())
            .toList();
    long now = moment.epochMillis();
    Places.Decided decided =
        rest.after(free.size(), () -> doorkeeper.decide(free, runs.keySet(), now));
    onlooker.gaveOut(
        doorkeeper.limits().value(), doorkeeper.intake().value(), decided.use().fullest());
    doorkeeper.give(open(), decided, this::granted, this::admit);
  }

  private void granted(Places.Decided to) {
    to.starts().forEach(id -> run(id).ifPresent(run -> go(run, Run::letStart)));
    to.darkenings().forEach(id -> run(id).ifPresent(run -> go(run, Run::letDarken)));
  }

  private void go(Run run, Consumer<Run> grant) {
    grant.accept(run);
    step(run);
  }

  private void step(Run run) {
    for (int i = 0; i < STEPS_AT_ONCE; i++) {
      if (run.lost() || run.waitsForJournal() || run.migration().ended() || idle(run)) {
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
    // Only now: what is given out is acted upon at once, and this step has to be over by then.
    if (run.waitsToStart() || run.waitsToDarken()) {
      admit();
    }
  }

  private boolean idle(Run run) {
    return !tenure.mayDrive(run.migration().phase(), moment.monotonicNanos());
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
      return Admission.decide(m, source, destination, run.place(clearance));
    }
    if (source.isEmpty() || destination.isEmpty()) {
      return Decision.nothing(); // a host left the inventory: nothing can be asked of it
    }
    Known known = known(run, source.get(), destination.get());
    run.ready(MigrationDriver.couldDarken(known), moment.epochMillis());
    return MigrationDriver.decide(known);
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
        writer.failing() || tenure.isCutOff()
            ? Known.JournalState.FAILS
            : Known.JournalState.WRITES,
        run.mayDarken() ? Known.Darkening.GRANTED : Known.Darkening.NOT_YET);
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
    if (before.blackout() == null && run.migration().blackout() != null) {
      admit(); // its blackout is another's now
    }
  }

  private void send(Run run, Known.Ask ask) {
    Request request = carrying(run, ask);
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

  /** A renewal tells the source how fast it may send; each one, for it may have restarted. */
  private static Request carrying(Run run, Known.Ask ask) {
    boolean tells = ask.side() == Side.SOURCE && run.bandwidth() != null;
    return tells && ask.request() instanceof Request.Renew(var header, var unlimited)
        ? new Request.Renew(header, run.bandwidth())
        : ask.request();
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
          run.goOn(moment.monotonicNanos());
          run.takenUp(true);
          run.settled(true);
          onlooker.kept(run.migration(), side -> run.on(side).view());
        }
        if (all && run.migration().ended()) {
          forget(run);
        }
      }
      case LOST -> lose(run);
      case FAILED -> {}
    }
    step(run);
  }

  private void lose(Run run) {
    if (run.lost()) {
      return;
    }
    run.lose();
    run.settled(false);
    forget(run);
    if (run.isTakenUp()) {
      onlooker.lost(run.migration());
    } else {
      onlooker.outrun(run.migration());
    }
  }

  private void forget(Run run) {
    runs.remove(run.migration().id(), run);
    wakes.forget(run.migration().id());
    admit();
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
    wakes.set(run, at);
  }

  private void notice() {
    watchers.notice(runs, moment.epochMillis());
  }
}
