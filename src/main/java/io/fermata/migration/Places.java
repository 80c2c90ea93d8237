package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who may start, and who may go dark: a pure function of the open migrations, the limits and the
 * intake.
 *
 * <p>The order of the queue: higher priorities first; inside one, the caller and source host with
 * the fewest migrations under way first, then the oldest. Each {@code aging} that a migration waits
 * lifts it by one priority; after as many as there are priorities it is <em>overdue</em>: the
 * overdue come before everybody else, oldest first, and free places at the hosts of one that still
 * cannot start are kept for it. So nobody starves. Places of the cluster are not kept: one host
 * that is stuck must not hold up all the others.
 */
final class Places {
  private static final int HOLDERS_TOLD = 3;
  private static final int OVERDUE = -1;

  private final Limits limits;
  private final Tally tally = new Tally();
  private final Tally kept = new Tally();
  private final List<MigrationId> starts = new ArrayList<>();
  private final List<MigrationId> darkenings = new ArrayList<>();
  private final Map<MigrationId, Wait> waits = new TreeMap<>();

  /**
   * One open migration, as far as places are concerned.
   *
   * @param caller who asked for it: callers share a priority evenly
   * @param created when it came into the queue, epoch milliseconds
   * @param stage what it holds or waits for
   * @param since when it began to wait for the blackout, epoch milliseconds
   */
  record Seat(
      MigrationId id,
      String source,
      String destination,
      Priority priority,
      String caller,
      long created,
      Stage stage,
      long since) {
    String pair() {
      return source + "→" + destination;
    }
  }

  /** What a migration holds or waits for. */
  enum Stage {
    /** It waits for its places. */
    WAITS_TO_START,
    /** It holds places, and its guest runs. */
    STARTED,
    /** It holds places, and has all it needs to go dark but the right to. */
    WAITS_TO_DARKEN,
    /** It holds places and one of the blackouts. */
    DARK,
    /** It is parked: it holds nothing. */
    PARKED
  }

  /**
   * By which places are given.
   *
   * @param agingMillis how long a migration waits for each priority that it is lifted by
   */
  record Rules(Limits limits, long agingMillis) {}

  /** Everything that the decision rests on. */
  record Question(List<Seat> open, Rules rules, boolean paused, long nowMillis) {}

  /**
   * Why one waits.
   *
   * @param position 1 for the next
   * @param scope the limit that stands in the way; null where the intake is paused
   * @param where the host or the pair of hosts, or null where the limit is everybody's
   * @param inUse how many are counted against it; places kept for others are among them
   * @param holders some of those who hold it
   */
  record Wait(
      int position,
      @Nullable Scope scope,
      @Nullable String where,
      int limit,
      int inUse,
      List<MigrationId> holders) {}

  /**
   * The decision.
   *
   * @param starts who may start, in order
   * @param darkenings who may go dark, in order
   * @param waits why the others wait
   * @param use what is in use once those have begun
   */
  record Decided(
      List<MigrationId> starts,
      List<MigrationId> darkenings,
      Map<MigrationId, Wait> waits,
      Tally use) {
    /** The same, with what is given to these alone. */
    Decided of(Collection<MigrationId> some) {
      return new Decided(
          starts.stream().filter(some::contains).toList(),
          darkenings.stream().filter(some::contains).toList(),
          waits,
          use);
    }
  }

  /** How much of each limit is used, and by whom. */
  static final class Tally {
    private final Map<String, List<MigrationId>> sources = new TreeMap<>();
    private final Map<String, List<MigrationId>> destinations = new TreeMap<>();
    private final Map<String, List<MigrationId>> pairs = new TreeMap<>();
    private final List<MigrationId> cluster = new ArrayList<>();
    private final List<MigrationId> dark = new ArrayList<>();
    private final List<MigrationId> queue = new ArrayList<>();

    List<MigrationId> holders(Scope scope, Seat seat) {
      return switch (scope) {
        case CLUSTER -> cluster;
        case SOURCE -> sources.getOrDefault(seat.source(), List.of());
        case DESTINATION -> destinations.getOrDefault(seat.destination(), List.of());
        case PAIR -> pairs.getOrDefault(seat.pair(), List.of());
        case BLACKOUT -> dark;
        case QUEUE -> queue;
      };
    }

    /** Who holds what of a scope, by host or pair; scopes that are everybody's have one line. */
    Map<String, List<MigrationId>> all(Scope scope) {
      return switch (scope) {
        case CLUSTER -> Map.of("", cluster);
        case SOURCE -> sources;
        case DESTINATION -> destinations;
        case PAIR -> pairs;
        case BLACKOUT -> Map.of("", dark);
        case QUEUE -> Map.of("", queue);
      };
    }

    /** What is in use of each limit, at the host or pair with the most. */
    Map<Scope, Integer> fullest() {
      Map<Scope, Integer> fullest = new EnumMap<>(Scope.class);
      for (Scope scope : Scope.values()) {
        fullest.put(scope, all(scope).values().stream().mapToInt(List::size).max().orElse(0));
      }
      return fullest;
    }

    private void takeHosts(Seat seat) {
      sources.computeIfAbsent(seat.source(), h -> new ArrayList<>()).add(seat.id());
      destinations.computeIfAbsent(seat.destination(), h -> new ArrayList<>()).add(seat.id());
      pairs.computeIfAbsent(seat.pair(), h -> new ArrayList<>()).add(seat.id());
    }
  }

  private Places(Limits limits) {
    this.limits = limits;
  }

  static Decided decide(Question question) {
    Places places = new Places(question.rules().limits());
    Map<String, Integer> shares = new HashMap<>();
    for (Seat seat : question.open()) {
      places.count(seat);
      if (holds(seat)) {
        shares.merge(share(seat), 1, Integer::sum);
      }
    }
    places.seat(ordered(question, shares), question);
    places.darken(question);
    return new Decided(places.starts, places.darkenings, places.waits, places.tally);
  }

  private static boolean holds(Seat seat) {
    return seat.stage() != Stage.WAITS_TO_START && seat.stage() != Stage.PARKED;
  }

  private void count(Seat seat) {
    if (holds(seat)) {
      tally.cluster.add(seat.id());
      tally.takeHosts(seat);
    }
    if (seat.stage() == Stage.DARK) {
      tally.dark.add(seat.id());
    }
  }

  private void seat(List<Seat> queue, Question question) {
    int position = 0;
    for (Seat seat : queue) {
      Scope full = full(seat);
      if (full == null && !question.paused()) {
        tally.cluster.add(seat.id());
        tally.takeHosts(seat);
        starts.add(seat.id());
        continue;
      }
      position++;
      tally.queue.add(seat.id());
      waits.put(seat.id(), wait(position, seat, question.paused() ? null : full));
      if (level(seat, seat.created(), question) == OVERDUE) {
        kept.takeHosts(seat);
      }
    }
  }

  private @Nullable Scope full(Seat seat) {
    for (Scope scope : List.of(Scope.PAIR, Scope.SOURCE, Scope.DESTINATION, Scope.CLUSTER)) {
      if (used(scope, seat) >= limits.of(scope)) {
        return scope;
      }
    }
    return null;
  }

  private int used(Scope scope, Seat seat) {
    return tally.holders(scope, seat).size() + kept.holders(scope, seat).size();
  }

  private Wait wait(int position, Seat seat, @Nullable Scope scope) {
    if (scope == null) {
      return new Wait(position, null, null, 0, 0, List.of());
    }
    String where =
        switch (scope) {
          case SOURCE -> seat.source();
          case DESTINATION -> seat.destination();
          case PAIR -> seat.pair();
          case CLUSTER, BLACKOUT, QUEUE -> null;
        };
    List<MigrationId> holders = tally.holders(scope, seat).stream().limit(HOLDERS_TOLD).toList();
    return new Wait(position, scope, where, limits.of(scope), used(scope, seat), holders);
  }

  /** The blackouts are given out by priority and age alone: whoever waits here holds up others. */
  private void darken(Question question) {
    List<Seat> ready =
        question.open().stream()
            .filter(s -> s.stage() == Stage.WAITS_TO_DARKEN)
            .sorted(
                Comparator.comparingInt((Seat s) -> level(s, s.since(), question))
                    .thenComparingLong(Seat::since)
                    .thenComparing(Seat::id))
            .toList();
    int position = 0;
    for (Seat seat : ready) {
      if (tally.dark.size() < limits.blackouts()) {
        tally.dark.add(seat.id());
        darkenings.add(seat.id());
      } else {
        position++;
        waits.put(seat.id(), wait(position, seat, Scope.BLACKOUT));
      }
    }
  }

  /** The priority that a migration has come to by waiting. */
  private static int level(Seat seat, long since, Question question) {
    long lifted = Math.max(0, question.nowMillis() - since) / question.rules().agingMillis();
    if (lifted >= Priority.values().length) {
      return OVERDUE;
    }
    return Math.max(0, seat.priority().rank() - (int) lifted);
  }

  /** Everybody who waits to start, in the order of the queue. */
  private static List<Seat> ordered(Question question, Map<String, Integer> shares) {
    Map<Integer, List<Seat>> levels = new TreeMap<>();
    question.open().stream()
        .filter(s -> s.stage() == Stage.WAITS_TO_START)
        .sorted(Comparator.comparingLong(Seat::created).thenComparing(Seat::id))
        .forEach(s ->
            levels
                .computeIfAbsent(level(s, s.created(), question), level -> new ArrayList<>())
                .add(s));
    List<Seat> queue = new ArrayList<>();
    levels.forEach(
        (level, seats) -> queue.addAll(level == OVERDUE ? seats : evenly(seats, shares)));
    return queue;
  }

  private record Share(String name, int taken, Deque<Seat> waiting) {}

  /** In turns: whoever has the fewest next, and of those the one whose first is the oldest. */
  private static List<Seat> evenly(List<Seat> seats, Map<String, Integer> shares) {
    Map<String, Deque<Seat>> waiting = new TreeMap<>();
    seats.forEach(s -> waiting.computeIfAbsent(share(s), name -> new ArrayDeque<>()).add(s));
    PriorityQueue<Share> next =
        new PriorityQueue<>(
            Comparator.comparingInt(Share::taken)
                .thenComparingLong((Share s) -> s.waiting().getFirst().created())
                .thenComparing(Share::name));
    waiting.forEach((name, own) -> next.add(new Share(name, shares.getOrDefault(name, 0), own)));
    List<Seat> turns = new ArrayList<>();
    for (Share share = next.poll(); share != null; share = next.poll()) {
      turns.add(share.waiting().removeFirst());
      int taken = share.taken() + 1;
      shares.put(share.name(), taken);
      if (!share.waiting().isEmpty()) {
        next.add(new Share(share.name(), taken, share.waiting()));
      }
    }
    return turns;
  }

  private static String share(Seat seat) {
    return seat.caller() + " " + seat.source();
  }
}
