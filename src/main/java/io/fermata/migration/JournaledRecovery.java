package io.fermata.migration;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Remembered;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Asks every agent what it remembers before anything is driven, compares that with the journal by
 * {@link Comparison}, and waits for a word where the journal turns out to be an older one. On the
 * loop's thread; the journal is read elsewhere.
 *
 * <p>What is waited for is nowhere written down: it is found anew from the agents and the journal,
 * after a restart and by each replica for itself. Once it is imported there is nothing to be found.
 */
public final class JournaledRecovery implements Recovery, Clearance {
  private static final long RETRY_MILLIS = 2_000;
  private static final long SPARE_MILLIS = 500;
  private static final Set<AgentState> ANSWERING =
      EnumSet.of(AgentState.READY, AgentState.STALE, AgentState.QUARANTINED);

  private final MigrationLoop loop;
  private final Journal journal;
  private final Memories memories;
  private final Fleet fleet;
  private final Settings settings;
  private final Imports imports;
  private final SortedSet<HostName> compared = new TreeSet<>();
  private final List<Runnable> afterRound = new ArrayList<>();
  private @Nullable Consumer<List<Row>> begin;
  private Executor reading = Runnable::run;
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private @Nullable Round round;
  private long nextAt;
  private long silentAt = Long.MAX_VALUE;
  private boolean accepted;
  private boolean importing;
  private boolean silenceIsOver;
  private Imports.Waiver waiver = Imports.Waiver.NONE;
  private volatile boolean begun;
  private volatile View view = new View(State.COMPARING, 0, 0, List.of(), List.of());

  /** How a journal is begun with. */
  public enum Mode {
    /** It waits for a word if the agents know more than it. */
    COMPARE,
    /** It waits for a word whatever the agents know. */
    QUARANTINE
  }

  /**
   * By which it is compared.
   *
   * @param answerMillis how long an agent may take to tell what it remembers
   * @param silenceMillis after which nobody waits any more for a host that does not answer
   */
  public record Settings(Mode mode, long answerMillis, long silenceMillis) {}

  /** One question to everybody. */
  private static final class Round {
    private final SortedSet<HostName> waiting = new TreeSet<>();
    private final SortedMap<HostName, List<Remembered>> told = new TreeMap<>();
    private final SortedMap<HostName, String> silent = new TreeMap<>();
    private final long deadline;
    private boolean heard;

    Round(long deadline) {
      this.deadline = deadline;
    }
  }

  public JournaledRecovery(
      MigrationLoop loop, Journal journal, Memories memories, Fleet fleet, Settings settings) {
    this.loop = loop;
    this.journal = journal;
    this.memories = memories;
    this.fleet = fleet;
    this.settings = settings;
    this.imports = new Imports(journal, loop);
    loop.clearance(this);
  }

  /** From now on the journal is read there: a guest may be dark, and the loop waits for nobody. */
  void readOn(Executor elsewhere) {
    reading = elsewhere;
  }

  /**
   * Compares, and goes on only when the journal is as new as the agents or an operator says so.
   *
   * @param then what begins then, once, on the loop: it is given what is open in the journal
   */
  public void start(Consumer<List<Row>> then) {
    loop.onLoop(() -> {
      begin = then;
      silentAt = loop.moment().epochMillis() + settings.silenceMillis();
      compare();
    });
  }

  /** Waits until everybody was asked once, for so long at most. */
  void awaitFirst(Duration most) {
    try {
      first.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // the journal cannot be read; it is compared as soon as it can be
    }
  }

  @Override
  public View view() {
    return view;
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public void tick(long now) {
    if (begin == null) {
      return; // the loop runs before it is said what is to begin: compared now, it would be lost
    }
    if (begun && now >= silentAt) {
      silentAt = Long.MAX_VALUE;
      silenceIsOver = true;
      loop.admit();
    }
    Round asked = round;
    if (asked != null && !asked.heard && now >= asked.deadline) {
      asked.waiting.forEach(host -> asked.silent.put(host, "no answer in time"));
      asked.waiting.clear();
      heardAll(asked);
    } else if (asked == null && !importing && now >= nextAt && unsettled()) {
      compare();
    }
  }

  @Override
  public long nextMillis() {
    if (begin == null) {
      return Long.MAX_VALUE;
    }
    Round asked = round;
    if (asked != null) {
      return asked.heard ? Long.MAX_VALUE : asked.deadline;
    }
    long silence = begun ? silentAt : Long.MAX_VALUE;
    return Math.min(silence, nextRoundMillis());
  }

  private long nextRoundMillis() {
    return importing || (view.state() == State.OPEN && late().isEmpty()) ? Long.MAX_VALUE : nextAt;
  }

  private boolean unsettled() {
    return view.state() != State.OPEN || late().stream().anyMatch(this::answers);
  }

  private List<HostName> late() {
    return fleet.hosts().stream().map(HostView::name).filter(h -> !compared.contains(h)).toList();
  }

  private boolean answers(HostName host) {
    return fleet.host(host).filter(h -> ANSWERING.contains(h.state())).isPresent();
  }

  /**
   * One that was in the journal when this process began may have gone on in a life that the journal
   * has forgotten: its hosts are heard first. One that does not answer for long is waited for no
   * more: nothing can begin there, so the first check ends it. Of one that was ordered since nobody
   * can know more.
   */
  @Override
  public Optional<String> keepsBack(Run waiting) {
    if (view.state() == State.HELD) {
      return Optional.of("somebody to accept what agents know and this journal does not");
    }
    Order order = waiting.migration().order();
    for (HostName host : List.of(order.source(), order.destination())) {
      boolean early = waiting.isFromBefore() && !silenceIsOver;
      if (!compared.contains(host) && (early || answers(host))) {
        return Optional.of(host + " to say what it remembers of migrations");
      }
    }
    return Optional.empty();
  }

  private void compare() {
    if (round != null) {
      return;
    }
    long now = loop.moment().epochMillis();
    Round asked = new Round(now + settings.answerMillis() + SPARE_MILLIS);
    round = asked;
    for (HostView host : fleet.hosts()) {
      if (ANSWERING.contains(host.state())) {
        asked.waiting.add(host.name());
      } else {
        String why = host.trouble() == null ? String.valueOf(host.state()) : host.trouble();
        asked.silent.put(host.name(), why);
      }
    }
    for (HostName host : List.copyOf(asked.waiting)) {
      memories.ask(
          host, settings.answerMillis(), word -> loop.onLoop(() -> heard(asked, host, word)));
    }
    if (asked.waiting.isEmpty()) {
      heardAll(asked);
    }
  }

  private void heard(Round asked, HostName host, Memories.Word word) {
    if (!asked.waiting.remove(host)) {
      return; // too late: it counts as silent
    }
    switch (word) {
      case Memories.Word.Told told -> asked.told.put(host, told.claims());
      case Memories.Word.Silent silent -> asked.silent.put(host, silent.detail());
    }
    if (asked.waiting.isEmpty()) {
      heardAll(asked);
    }
  }

  /** Only now the journal is read: what the agents were asked for was written before. */
  private void heardAll(Round asked) {
    if (round != asked || asked.heard) {
      return;
    }
    asked.heard = true;
    SortedSet<String> ids = new TreeSet<>();
    asked.told.values().forEach(all -> all.forEach(c -> ids.add(c.migration().value())));
    reading.execute(() -> {
      try {
        Comparison.Journal kept = Comparison.read(journal.rows(ids));
        List<Row> open = begun ? List.of() : journal.open();
        Imports.Waiver found = imports.waiver();
        loop.onLoop(() -> judge(asked, new Read(kept, open, found)));
      } catch (JournalFault down) {
        loop.onLoop(this::again);
      } catch (JacksonException torn) {
        // the edge of that thread: without a word the comparison would never go on
        System.getLogger(Recovery.class.getName())
            .log(System.Logger.Level.ERROR, "what was accepted earlier cannot be read", torn);
        loop.onLoop(this::again);
      }
    });
  }

  private void again() {
    round = null;
    nextAt = loop.moment().epochMillis() + RETRY_MILLIS;
  }

  /** What the journal has of what was told, what is open in it, and whom nobody waits for. */
  private record Read(Comparison.Journal kept, List<Row> open, Imports.Waiver waiver) {}

  private void judge(Round asked, Read read) {
    again();
    waiver = read.waiver();
    long now = loop.moment().epochMillis();
    List<Finding> all = Comparison.of(asked.told, read.kept(), now);
    List<Finding> differing = all.stream().filter(f -> f.verdict() != Verdict.MATCHES).toList();
    List<Host> hosts = hosts(asked, differing);
    boolean enough = settings.mode() == Mode.COMPARE || accepted || begun;
    if (differing.isEmpty() && enough) {
      compared.addAll(asked.told.keySet());
      show(State.OPEN, hosts, differing);
      go(read.open());
    } else if (begun && differing.stream().allMatch(this::isWaived)) {
      show(State.HELD, hosts, differing);
      take(
          differing,
          waiver.actor(),
          fault -> {
            if (fault == null) {
              compare();
            } // else after a pause: the journal would be asked as fast as the agents answer
          });
    } else {
      show(begun ? State.HELD : State.QUARANTINE, hosts, differing);
    }
    first.complete(null);
    List<Runnable> waiting = List.copyOf(afterRound);
    afterRound.clear();
    waiting.forEach(Runnable::run);
  }

  /** Somebody said that this may be imported without another word once the host is back. */
  private boolean isWaived(Finding finding) {
    return finding.claims().stream()
        .map(Remembered::self)
        .anyMatch(host -> waiver.hosts().contains(host) && !compared.contains(host));
  }

  private List<Host> hosts(Round asked, List<Finding> differing) {
    Map<HostName, Integer> worse = new HashMap<>();
    differing.forEach(f -> f.claims().forEach(c -> worse.merge(c.self(), 1, Integer::sum)));
    List<Host> hosts = new ArrayList<>();
    asked.told.forEach((host, claims) ->
        hosts.add(new Host(host, null, claims.size(), worse.getOrDefault(host, 0))));
    asked.silent.forEach((host, why) -> {
      boolean heard = compared.contains(host); // an agent that restarts has said it before
      hosts.add(new Host(host, heard ? null : why, 0, 0));
    });
    hosts.sort((a, b) -> a.name().compareTo(b.name()));
    return hosts;
  }

  private void show(State state, List<Host> hosts, List<Finding> findings) {
    View before = view;
    long now = loop.moment().epochMillis();
    long since = before.state() == state && before.since() > 0 ? before.since() : now;
    view = new View(state, version(hosts, findings), since, hosts, findings);
    if (before.state() != state && view.waits()) {
      System.getLogger(Recovery.class.getName())
          .log(
              System.Logger.Level.ERROR,
              "agents know of {0} migrations more than this journal: it is an older one; "
                  + "see GET /api/v1/recovery",
              findings.size());
    }
  }

  /** The same for the same findings and the same silence, as far as 32 bits go. */
  private static long version(List<Host> hosts, List<Finding> findings) {
    StringBuilder words = new StringBuilder();
    findings.forEach(f -> words.append(f.migration()).append(f.why()).append(f.claims()));
    hosts.stream().filter(h -> h.silent() != null).forEach(h -> words.append(h.name()));
    return Integer.toUnsignedLong(words.toString().hashCode());
  }

  private void go(List<Row> open) {
    if (!begun) {
      begun = true;
      Objects.requireNonNull(begin).accept(open);
    }
    if (compared.containsAll(waiver.hosts())) {
      imports.forget(waiver);
    }
    loop.admit();
  }

  @Override
  public CompletableFuture<Result> accept(Acceptance word) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    loop.onLoop(() -> accept(word, result));
    return result;
  }

  private void accept(Acceptance word, CompletableFuture<Result> result) {
    View shown = view;
    if (!shown.waits()) {
      result.complete(new Result.Nothing(shown));
    } else if (shown.version() != word.version() || importing) {
      result.complete(new Result.Outdated(shown));
    } else if (!shown.silent().isEmpty() && !word.withoutSilent()) {
      result.complete(new Result.HostsMissing(shown.silent()));
    } else {
      take(shown.findings(), word.actor(), fault -> kept(word, shown, fault, result));
    }
  }

  private void kept(
      Acceptance word, View shown, @Nullable Throwable fault, CompletableFuture<Result> result) {
    if (fault != null) {
      compare();
      result.complete(new Result.Unavailable(String.valueOf(fault.getMessage())));
      return;
    }
    var _ =
        imports
            .accepted(word, shown, waiver)
            .whenComplete((done, down) ->
                loop.onLoop(() -> {
                  if (down != null) {
                    result.complete(new Result.Unavailable(String.valueOf(down.getMessage())));
                    return;
                  }
                  accepted = true;
                  afterRound.add(
                      () -> result.complete(new Result.Done(view, shown.findings().size())));
                  compare();
                }));
  }

  /** Imports all of it; then, if something is driven already, drives that as well. */
  private void take(List<Finding> findings, String actor, Consumer<@Nullable Throwable> then) {
    importing = true;
    imports.write(
        findings,
        actor,
        (rows, fault) -> {
          importing = false;
          if (begun) {
            loop.recover(rows);
          }
          then.accept(fault);
        });
  }
}
