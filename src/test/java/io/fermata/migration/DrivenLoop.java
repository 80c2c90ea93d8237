package io.fermata.migration;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Request;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A loop whose clock, journal, hosts and agents are the test's: what is sent is kept, and answered
 * when the test says so.
 */
abstract class DrivenLoop implements Given.Hosts, Agents, Onlooker {
  static final MigrationId ID = Orders.ID;
  static final Terms TERMS = Terms.usual();
  static final ClaimReport.DeviceReport UNMEASURED = Scene.device("d0", DeviceState.PRE_COPY, null);
  static final Limits WIDE = new Limits(9, 9, 9, 9, 9, 9);

  record Asked(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {}

  final MemoryJournal journal =
      new MemoryJournal(InstantSource.fixed(Instant.EPOCH), Duration.ofDays(1));
  final Queue<Runnable> tasks = new ArrayDeque<>();
  final List<Asked> asked = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  List<String> hosts = List.of("host-a", "host-b");
  Tenure tenure = Tenure.alone();
  Limits limits = WIDE;
  Transitions lifecycle = new Lifecycle();
  long now = 1_000;

  /** How many milliseconds pass between two looks at the clock. */
  long pace;

  MigrationLoop loop = loop();

  MigrationLoop loop() {
    Moment moment = Given.moment(() -> now += pace);
    var world =
        new MigrationLoop.World(journal, this, this, moment, tasks::add, "o2", this, tenure);
    return new MigrationLoop(world, lifecycle, TERMS, new Places.Rules(limits, 60_000));
  }

  void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  Row kept(Migration m) {
    journal.append(new Change(List.of(), new RowWrite(Writer.row(m, 1, 0), 0), null)).join();
    return journal.row(m.id().value()).orElseThrow();
  }

  void takesUp(Migration... open) {
    loop.recover(Stream.of(open).map(this::kept).toList());
    work();
  }

  /** One that is on disk and was ordered here. */
  Migration newborn(String id) {
    Migration m = in(new MigrationId(id), Phase.QUEUED, Orders.order(1, false, 0));
    Migration mine = m.with(List.of(new Note.TakenOver(loop.firstEpoch())), 1_000);
    var write = new RowWrite(Writer.row(mine, 1, 0), 0);
    journal.append(new Change(List.of(), write, null)).join();
    return mine;
  }

  static Migration in(Phase phase) {
    return in(ID, phase, Orders.order(1, phase == Phase.PRECOPYING, 0));
  }

  /** It entered that phase, and the dark if that is dark, at 900. */
  static Migration in(MigrationId id, Phase phase, Order order) {
    Evidence evidence =
        phase == Phase.RESUMING ? new Evidence(Scene.READY, Scene.SEAL, null, null) : Evidence.NONE;
    Stop stop = phase.dark() ? Scene.STOP : null;
    return Orders.of(id, new Epoch(1, "o1"), phase, evidence, stop, order, 900);
  }

  Run run() {
    return loop.run(ID).orElseThrow();
  }

  Phase phase() {
    return run().migration().phase();
  }

  List<String> requests() {
    return asked.stream().map(a -> a.host() + " " + SideRun.name(a.request())).toList();
  }

  Asked out(MigrationId id, Class<? extends Request> kind, String host) {
    return asked.stream()
        .filter(a -> a.request().header().migration().equals(id))
        .filter(a -> kind.isInstance(a.request()) && a.host().value().equals(host))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  void answers(Class<? extends Request> kind, String host, Goal goal) {
    answers(ID, kind, host, goal);
  }

  void answers(MigrationId id, Class<? extends Request> kind, String host, Goal goal) {
    Side side = host.equals("host-a") ? Side.SOURCE : Side.DESTINATION;
    boolean stopped = goal != Goal.RUNNING && goal != Goal.PRE_COPY && side == Side.SOURCE;
    ClaimReport r =
        Scene.report(
            side,
            Standing.OPEN,
            goal,
            Progress.REACHED,
            stopped ? Scene.STOP : null,
            // what it has left is not known yet: it does not converge
            goal == Goal.PRE_COPY ? List.of(UNMEASURED) : List.of(),
            List.of());
    long at = now * 1_000_000;
    var answer = new Answer(null, Scene.about(id, r), "agent of " + host, at, at);
    out(id, kind, host).then().accept(new Word.Answered(answer));
    work();
  }

  void prepared(MigrationId id) {
    answers(id, Request.ClaimSource.class, "host-a", Goal.RUNNING);
    answers(id, Request.ClaimDestination.class, "host-b", Goal.STOPPED);
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    asked.add(new Asked(host, request, timeoutMillis, then));
  }

  @Override
  public List<HostView> hosts() {
    return hosts.stream().map(name -> TrafficOfTheLoopTest.host(new HostName(name))).toList();
  }

  @Override
  public void began(Migration submitted) {
    told.add("began " + submitted.id());
  }

  @Override
  public void became(Migration before, Migration after, List<Note> notes) {
    told.add("became " + after.id() + " " + before.phase() + " " + after.phase());
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    boolean seen = sides.on(Side.SOURCE).report() != null;
    told.add("kept " + durable.id() + " " + durable.phase() + (seen ? " seen" : ""));
  }

  @Override
  public void gaveOut(Limits given, Intake intake, Map<Limits.Scope, Integer> fullest) {
    told.add("gave out of " + given.cluster() + ": " + fullest.get(Limits.Scope.CLUSTER));
  }

  @Override
  public void outrun(Migration last) {
    told.add("outrun");
  }

  @Override
  public void lost(Migration last) {
    told.add("lost");
  }
}
