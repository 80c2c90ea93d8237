package io.fermata.scale;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.fermata.chaos.process.DeviceLine;
import io.fermata.scale.Layout.Move;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Every set of the bed is asked to move while nobody may start; then the doors open. What is told
 * of it comes from the journal's entries and from what the devices wrote, not from the API's word.
 */
final class QueueRun {
  static final List<String> RANKS = List.of("emergency", "user", "system", "background");
  private static final int CALLERS = 8;

  private final Bed bed;
  private final Service service;
  private final Caps caps;

  /** The limits of the run. */
  record Caps(int cluster, int perSource, int perDestination, int perPair, int blackouts) {
    List<String> settings() {
      return Stream.concat(Service.PATIENT.stream(), own()).toList();
    }

    private Stream<String> own() {
      return Stream.of(
          "--fermata.migration.max-active=" + cluster,
          "--fermata.limits.per-source=" + perSource,
          "--fermata.limits.per-destination=" + perDestination,
          "--fermata.limits.per-pair=" + perPair,
          "--fermata.limits.blackouts=" + blackouts,
          // nobody is lifted over others by waiting here: that would be a second order
          "--fermata.limits.aging=12h");
    }
  }

  /**
   * What was seen.
   *
   * @param queued how many waited when the doors opened
   * @param dark the most guests that were dark at once, by the devices' word
   * @param astray sets that run on no host or on several
   * @param violations what the judge found in the devices' lines
   */
  record Seen(
      int queued,
      Ledger ledger,
      int dark,
      List<String> astray,
      List<String> violations,
      Times times) {}

  /** In seconds: to take the requests, and from the opened doors to the last end. */
  record Times(double taking, double moving, double serviceCpu) {}

  QueueRun(Bed bed, Service service, Caps caps) {
    this.bed = bed;
    this.service = service;
    this.caps = caps;
  }

  Seen run(List<Move> moves, Duration patience) throws IOException {
    service.admission(false);
    long begun = System.nanoTime();
    submit(moves);
    int queued = queued(moves.size());
    long opened = System.nanoTime();
    double cpu = service.cpuSeconds();
    service.admission(true);
    Awaitility.await()
        .atMost(patience)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> service.active() == 0);
    long ended = System.nanoTime();
    List<DeviceLine> lines = bed.lines();
    return new Seen(
        queued,
        Ledger.of(service.events(0)),
        DarkGuests.most(lines),
        bed.astray(),
        Bed.violations(lines),
        new Times((opened - begun) / 1e9, (ended - opened) / 1e9, service.cpuSeconds() - cpu));
  }

  /**
   * What is shown is as old as the last look at the queue: all of them may be in it a bit later.
   */
  private int queued(int wanted) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> service.get("limits").ok().at("/inUse/queued").asInt(), q -> q == wanted);
  }

  /** Several callers at once; what leaves one host is asked for in order, by one of them. */
  private void submit(List<Move> moves) throws IOException {
    Map<Integer, List<Move>> bySource = moves.stream().collect(groupingBy(Move::source));
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Callable<Integer>> requests = new ArrayList<>();
      bySource.values().forEach(of -> requests.add(() -> submitAll(of)));
      for (Future<Integer> each : callers.invokeAll(requests)) {
        each.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(e);
    }
  }

  private int submitAll(List<Move> moves) throws IOException {
    for (Move move : moves) {
      service.post("migrations", move.json(priority(move))).ok();
    }
    return moves.size();
  }

  private static String priority(Move move) {
    return switch (move.set()) {
      case 1 -> move.source() % 4 == 0 ? "emergency" : "user";
      case 4 -> "background";
      default -> "user";
    };
  }

  /** Everything that is wrong with what was seen; empty where nothing is. */
  List<String> wrong(Seen seen, int moves) {
    List<String> wrong = new ArrayList<>();
    expect(wrong, "waited at once", seen.queued(), moves);
    expect(wrong, "born", seen.ledger().born(), moves);
    expect(wrong, "outcomes", outcomes(seen), Map.of("SUCCEEDED", (long) moves));
    atMost(wrong, seen, "cluster", caps.cluster());
    atMost(wrong, seen, "source", caps.perSource());
    atMost(wrong, seen, "destination", caps.perDestination());
    atMost(wrong, seen, "pair", caps.perPair());
    atMost(wrong, seen, "dark", caps.blackouts());
    if (seen.dark() > caps.blackouts()) {
      wrong.add("devices say that " + seen.dark() + " guests were dark at once");
    }
    expect(wrong, "sources of the first " + caps.cluster(), firstSources(seen), caps.cluster());
    wrong.addAll(seen.ledger().overtaken(RANKS));
    wrong.addAll(seen.astray());
    wrong.addAll(seen.violations());
    return wrong;
  }

  /** Nobody has anything under way when the doors open, so each of the first is another host's. */
  private long firstSources(Seen seen) {
    return seen.ledger().starts().stream()
        .limit(caps.cluster())
        .map(Ledger.Waiting::source)
        .distinct()
        .count();
  }

  static Map<String, Long> outcomes(Seen seen) {
    return seen.ledger().outcomes().values().stream()
        .collect(groupingBy(o -> o, TreeMap::new, counting()));
  }

  private static void atMost(List<String> wrong, Seen seen, String scope, int limit) {
    int most = seen.ledger().most(scope);
    if (most > limit || most == 0) {
      wrong.add(scope + ": at most " + limit + " at once, there were " + most);
    }
  }

  private static void expect(List<String> wrong, String what, Object seen, Object wanted) {
    if (!seen.equals(wanted) && !String.valueOf(seen).equals(String.valueOf(wanted))) {
      wrong.add(what + ": " + seen + " where " + wanted + " should be");
    }
  }
}
