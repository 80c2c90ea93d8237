package io.fermata.drain;

import io.fermata.drain.Drain.Phase;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.KeyTaken;
import io.fermata.journal.VersionConflict;
import io.fermata.migration.HostOrders;
import io.fermata.migration.Limits;
import io.fermata.migration.Migrations;
import io.fermata.migration.Traffic;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drains of all hosts: every orchestrator looks at every open one, again and again, and records
 * what {@link Drainer} decides about the version that it read. Who was slower has decided nothing.
 * What is recorded is then asked for, by whoever sees it, under keys that make it happen once.
 *
 * <p>A look begins with the journal and nothing is remembered from the one before: a process that
 * takes over needs to know nothing.
 */
public final class Drains implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Drains.class);
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int ID_LENGTH = 16;
  private static final int TRIES = 5;
  private static final DrainId NOT_KEPT = new DrainId("0000");

  private final World world;
  private final DrainSettings settings;
  private final DrainPapers papers;
  private final Looking looking;
  private final Children children;
  private volatile List<Drain> seen = List.of();
  private volatile boolean started;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("drains").unstarted(task));

  /** Everything around. */
  public record World(
      Journal journal,
      Fleet fleet,
      HostOrders orders,
      Migrations migrations,
      Traffic traffic,
      InstantSource time,
      RandomGenerator random) {}

  /**
   * A wish to evacuate a host.
   *
   * @param key the caller's idempotency key with the hash of its request, or null
   */
  public record Wish(
      HostName host,
      DrainTerms terms,
      String actor,
      @Nullable String reason,
      Migrations.@Nullable Key key) {}

  /** What became of a wish or a command. */
  public sealed interface Result {
    /** Taken; the drain as it is now. */
    record Taken(Drain drain, boolean replayed) implements Result {}

    /** The host is being evacuated already. */
    record Exists(Drain drain) implements Result {}

    /** Not possible where the drain stands. */
    record NotNow(Drain drain) implements Result {}

    /** The key was used for another request. */
    record KeyReused(String key) implements Result {}

    /** The journal does not take it, or cannot say whether it has. */
    record Unavailable(String detail) implements Result {}
  }

  /** What there is in the journal cannot be read now. */
  public static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(JournalFault cause) {
      super(cause.getMessage(), cause);
    }
  }

  public Drains(World world, DrainSettings settings) {
    this.world = world;
    this.settings = settings;
    this.papers = new DrainPapers(world.journal(), settings.kept());
    this.looking = new Looking(world, settings.rules());
    this.children = new Children(world.migrations(), world.time());
  }

  /** Looks from now on. */
  public void start() {
    started = true;
    long period = settings.tick().toMillis();
    var _ = looks.scheduleWithFixedDelay(this::safely, period, period, TimeUnit.MILLISECONDS);
  }

  /** A look that fails is lost; the next one begins anew, and nothing else depends on it. */
  private void safely() {
    try {
      look();
    } catch (JournalFault | Migrations.Unreadable down) {
      LOG.debug("no look at the drains: {}", down.getMessage());
    } catch (RuntimeException broken) {
      LOG.error("a look at the drains failed; the next one begins anew", broken);
    }
  }

  /**
   * One look at every open drain; {@link #start} makes it happen again and again.
   *
   * @throws JournalFault if the journal cannot be read or written
   */
  public void look() {
    List<Drain> open = papers.open();
    seen = open;
    List<Drain> after = new ArrayList<>();
    for (Drain drain : open) {
      after.add(turn(drain, open));
    }
    seen = after.stream().filter(drain -> !drain.phase().ended()).toList();
  }

  private Drain turn(Drain drain, List<Drain> open) {
    Sights sights = looking.sights(drain, open);
    Drain next = Drainer.decide(drain, sights);
    if (Drainer.wantsProof(next, sights)) {
      Set<String> staying = Set.copyOf(drain.terms().exclude());
      next = Drainer.decide(drain, sights.proven(looking.powerOff(drain.host(), staying)));
    }
    if (next.phase() == Phase.CANCELLED) {
      uncordon(drain); // before the end is recorded: after it nobody looks any more
    } else if (next.phase() == Phase.DRAINING || next.phase() == Phase.PAUSED) {
      cordon(drain);
    }
    try {
      Drain recorded = record(drain, next);
      return record(recorded, children.settle(recorded));
    } catch (VersionConflict faster) {
      return drain; // somebody else's look counts
    }
  }

  private Drain record(Drain from, Drain to) {
    if (to.equals(from)) {
      return from;
    }
    Drain next = to.next();
    papers.replace(next, News.between(from, to), from.actor());
    return next;
  }

  private void cordon(Drain drain) {
    HostMarks marks = world.orders().marks(drain.host());
    if (marks.cordon() == null) {
      var mark = new HostMarks.Mark(drain.actor(), drain.cordonReason(), world.time().millis());
      var _ =
          world.orders().say(drain.host(), HostOrders.Order.CORDONED, mark, marks.version()).join();
    }
  }

  private void uncordon(Drain drain) {
    HostMarks marks = world.orders().marks(drain.host());
    HostMarks.Mark cordon = marks.cordon();
    if (cordon != null && drain.cordonedFor(cordon.reason())) {
      Drain.Cancel cancel = drain.cancel();
      String actor = cancel == null ? drain.actor() : cancel.actor();
      var mark = new HostMarks.Mark(actor, drain.cordonReason(), world.time().millis());
      var _ =
          world
              .orders()
              .say(drain.host(), HostOrders.Order.UNCORDONED, mark, marks.version())
              .join();
    }
  }

  /**
   * What would be done, and what is in the way; nothing is.
   *
   * @throws Unreadable if the journal cannot be read
   */
  public Drain preview(Wish wish) {
    List<Drain> open = all().stream().filter(drain -> !drain.phase().ended()).toList();
    Drain all = fresh(wish, NOT_KEPT).atOnce(Limits.MOST);
    Drain planned = Drainer.decide(all, looking.sights(all, open).unlimited());
    SortedMap<String, Move> moves = new TreeMap<>();
    planned.moves().forEach((vm, move) -> moves.put(vm, move.planned()));
    Drain slots = planned.atOnce(wish.terms().concurrency());
    List<Blocker> blockers = Drainer.decide(slots, looking.sights(slots, open)).blockers();
    return slots.with(moves, blockers);
  }

  /** Begins to evacuate a host. */
  public Result start(Wish wish) {
    try {
      Optional<Result> earlier = answered(wish.key());
      if (earlier.isPresent()) {
        return earlier.get();
      }
      List<Drain> open = papers.open();
      Drain born = fresh(wish, new DrainId(word()));
      Drain first = Drainer.decide(born, looking.sights(born, open));
      Migrations.Key key = wish.key();
      Idempotency taken =
          key == null
              ? null
              : new Idempotency(
                  key.key(), key.requestHash(), born.id().value(), world.time().millis());
      List<News> news =
          Stream.concat(
                  Stream.of(News.of(first, News.Kind.STARTED, wish.reason())),
                  News.between(born, first).stream())
              .toList();
      papers.begin(first, news, taken);
      cordon(first);
      hurry();
      return new Result.Taken(first, false);
    } catch (VersionConflict other) {
      return papers.open().stream()
          .filter(drain -> drain.host().equals(wish.host()))
          .findFirst()
          .<Result>map(Result.Exists::new)
          .orElseGet(() -> new Result.Unavailable("another drain of the host ended: ask again"));
    } catch (KeyTaken taken) {
      return answered(wish.key()).orElseThrow();
    } catch (JournalFault | Unreadable | Migrations.Unreadable down) {
      return new Result.Unavailable(String.valueOf(down.getMessage()));
    }
  }

  private Optional<Result> answered(Migrations.@Nullable Key key) {
    if (key == null) {
      return Optional.empty();
    }
    Optional<Idempotency> stored = world.journal().idempotency(key.key());
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    boolean same = stored.get().requestHash().equals(key.requestHash());
    return Optional.of(
        same
            ? find(new DrainId(stored.get().answer()))
                .<Result>map(drain -> new Result.Taken(drain, true))
                .orElseGet(() -> new Result.KeyReused(key.key()))
            : new Result.KeyReused(key.key()));
  }

  private Drain fresh(Wish wish, DrainId id) {
    long now = world.time().millis();
    return new Drain(
        id,
        wish.host(),
        wish.terms(),
        Phase.DRAINING,
        wish.actor(),
        wish.reason(),
        now,
        now,
        1,
        0,
        new TreeMap<>(),
        List.of(),
        null);
  }

  private String word() {
    StringBuilder word = new StringBuilder(ID_LENGTH);
    for (int i = 0; i < ID_LENGTH; i++) {
      word.append(ALPHABET.charAt(world.random().nextInt(ALPHABET.length())));
    }
    return word.toString();
  }

  /** Nothing new starts; what is under way goes on. */
  public Result pause(DrainId id, String actor) {
    return command(id, actor, News.Kind.PAUSED, drain -> drain.in(Phase.PAUSED, null, now()));
  }

  /** Goes on, and tries again what failed too often or was aborted. */
  public Result resume(DrainId id, String actor) {
    return command(
        id,
        actor,
        News.Kind.RESUMED,
        drain -> {
          SortedMap<String, Move> moves = new TreeMap<>(drain.moves());
          moves.replaceAll((vm, move) -> move.forgiven(now()));
          boolean goesOn = drain.phase() == Phase.DRAINING;
          Drain same = drain.with(moves, drain.blockers());
          return goesOn ? same : same.in(Phase.DRAINING, null, now());
        });
  }

  /** Calls it off, with its migrations or without. */
  public Result cancel(DrainId id, Drain.Cancel wish) {
    return command(
        id, wish.actor(), News.Kind.CANCELLING, d -> d.in(Phase.CANCELLING, wish, now()));
  }

  private long now() {
    return world.time().millis();
  }

  /** Whoever is faster is heard first; then it is decided anew. */
  private Result command(DrainId id, String actor, News.Kind kind, UnaryOperator<Drain> change) {
    try {
      for (int i = 0; i < TRIES; i++) {
        Optional<Drain> found = find(id);
        if (found.isEmpty()) {
          return new Result.Unavailable("no drain " + id);
        }
        Drain drain = found.get();
        if (already(drain, kind)) {
          return new Result.Taken(drain, true);
        }
        if (drain.phase().ended() || drain.phase() == Phase.CANCELLING) {
          return new Result.NotNow(drain);
        }
        Drain next = change.apply(drain).next();
        try {
          papers.replace(next, List.of(News.of(next, kind, null)), actor);
          hurry();
          return new Result.Taken(next, false);
        } catch (VersionConflict faster) {
          // once more over what it became
        }
      }
      return new Result.Unavailable("others change it all the time: ask again");
    } catch (JournalFault | Unreadable | Migrations.Unreadable down) {
      return new Result.Unavailable(String.valueOf(down.getMessage()));
    }
  }

  private static boolean already(Drain drain, News.Kind kind) {
    return switch (kind) {
      case PAUSED -> drain.phase() == Phase.PAUSED;
      case CANCELLING -> drain.phase() == Phase.CANCELLING || drain.phase() == Phase.CANCELLED;
      default -> false;
    };
  }

  private void hurry() {
    try {
      if (started) {
        looks.execute(this::safely);
      }
    } catch (RejectedExecutionException closed) {
      LOG.debug("the drains are not looked at any more");
    }
  }

  /**
   * The drain of that id.
   *
   * @throws Unreadable if the journal cannot be read
   */
  public Optional<Drain> find(DrainId id) {
    return all().stream().filter(drain -> drain.id().equals(id)).findFirst();
  }

  /**
   * Every drain, the newest first.
   *
   * @throws Unreadable if the journal cannot be read
   */
  public List<Drain> all() {
    var byAge = Comparator.comparingLong(Drain::created).thenComparing(Drain::id).reversed();
    Set<Drain> sorted = new TreeSet<>(byAge);
    try {
      sorted.addAll(papers.ended());
      sorted.addAll(papers.open());
    } catch (JournalFault down) {
      throw new Unreadable(down);
    }
    return List.copyOf(sorted);
  }

  /** The open ones as they were last seen here, without a look at the journal. */
  List<Drain> seen() {
    return seen;
  }

  /**
   * Whether the host may be switched off; asks its agent.
   *
   * @param staying machines that are left there on purpose
   */
  public PowerOff powerOff(HostName host, Set<String> staying) {
    return looking.powerOff(host, staying);
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
