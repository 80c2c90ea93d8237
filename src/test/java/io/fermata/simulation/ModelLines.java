package io.fermata.simulation;

import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells a simulated world as actions of the model, one run for each migration that claimed
 * something. Devices count as they are, not as an agent read them; facts when they are on disk; a
 * change of mind when the first effect of it leaves.
 */
public final class ModelLines implements Witness {
  private final SortedMap<MigrationId, Actions> runs = new TreeMap<>();
  private final Map<HostName, Set<Fact>> known = new TreeMap<>();
  private final Map<HostName, List<Event>> heard = new TreeMap<>();
  private List<Truth.Thing> things = List.of();

  private ModelLines() {}

  /** The runs of a seed; without a rule, what there was until something was found broken. */
  public static List<RecordedRun> record(long seed, @Nullable Rule dropped) {
    Set<Rule> rules = dropped == null ? Set.of() : Set.of(dropped);
    return record("" + seed, seed, new Without(rules, Set.of()));
  }

  /** The runs of that seed in a world where these faults are on, and often. */
  public static List<RecordedRun> recordAmong(Set<Fault> faults, long seed) {
    String names = faults.stream().sorted().map(Fault::name).collect(Collectors.joining("-"));
    return record(names + "-" + seed, seed, new Without(Set.of(), faults));
  }

  private static List<RecordedRun> record(String name, long seed, Without without) {
    ModelLines lines = new ModelLines();
    try {
      Simulation.run(seed, without, lines);
    } catch (AssertionError e) {
      if (without.rules().isEmpty()) {
        throw e;
      }
    }
    return lines.runs.entrySet().stream()
        .filter(run -> !run.getValue().lines().isEmpty())
        .map(run ->
            new RecordedRun(
                name + "." + run.getKey(), run.getValue().devices(), run.getValue().lines()))
        .toList();
  }

  @Override
  public void touched(List<Truth.Thing> all) {
    things = all;
    runs.values().forEach(run -> run.look(all));
  }

  /** What a crash left on the disk and nobody has seen yet came before the crash. */
  @Override
  public void boots(HostName host, List<Fact> found) {
    boolean first = !known.containsKey(host);
    wrote(host, found);
    if (!first) {
      for (MigrationId id : migrations(host)) {
        if (!has(host, id, Fact.Closed.class)) {
          run(id).crashed(run(id).side(host));
        }
      }
    }
    hears(host, List.of());
  }

  /** Its claims end with it; what is left of them at the other host goes on. */
  @Override
  public void lost(HostName host) {
    if (known.containsKey(host)) {
      migrations(host).stream()
          .filter(id -> !has(host, id, Fact.Closed.class))
          .forEach(id -> run(id).lost(run(id).side(host)));
    }
  }

  private List<MigrationId> migrations(HostName host) {
    return known.get(host).stream().map(Fact::migration).distinct().sorted().toList();
  }

  private boolean has(HostName host, MigrationId id, Class<? extends Fact> kind) {
    return known.get(host).stream().anyMatch(f -> f.migration().equals(id) && kind.isInstance(f));
  }

  @Override
  public void hears(HostName host, List<Event> events) {
    heard.put(host, List.copyOf(events));
  }

  @Override
  public void wrote(HostName host, List<Fact> facts) {
    Set<Fact> before = known.computeIfAbsent(host, h -> new HashSet<>());
    facts.stream().filter(before::add).forEach(fact -> wrote(host, fact));
  }

  private void wrote(HostName host, Fact fact) {
    if (fact instanceof Fact.Claimed claimed) {
      Actions run = runs.computeIfAbsent(claimed.migration(), id -> new Actions(claimed));
      if (claimed.side() == Side.SOURCE) {
        run.watch(Side.SOURCE, things);
      }
      return;
    }
    Actions run = run(fact.migration());
    Words words = new Words(heard.getOrDefault(host, List.of()), fact.migration());
    switch (fact) {
      case Fact.Claimed f -> {}
      case Fact.Promised f -> {}
      case Fact.Stopped f -> run.stopped(words.epoch(Request.Quiesce.class), f.stop());
      case Fact.Sealed f -> run.sealed(words.epoch(Request.Seal.class), f.receipt().stop());
      case Fact.Unsealed f -> {
        boolean peer = words.peer(Receipt.Voided.class);
        run.unsealed(peer ? 0 : words.epoch(Request.Unseal.class), f.receipt().stop());
      }
      case Fact.Released f -> run.released(f.receipt().stop());
      case Fact.Started f -> {
        boolean peer = words.peer(Receipt.Sealed.class);
        run.started(peer ? 0 : words.epoch(Request.Start.class), f.receipt().stop());
        run.watch(Side.DESTINATION, things);
      }
      case Fact.Voided f -> run.voided(words.voids(f.stop()), f.stop());
      case Fact.Abandoned f -> run.abandoned();
      case Fact.Closed f -> run.leave(run.side(host));
      // an operator's word is not in the model: the run ends before it
      case Fact.Reclaimed f -> run.ends();
      case Fact.Yielded f -> run.ends();
      case Fact.Adopted f -> run.ends();
      case Fact.Overruled f -> run.ends();
    }
  }

  @Override
  public void stands(HostName host, Claims claims) {
    for (Claim claim : claims.all()) {
      if (claim.holdsDevices()) {
        ClaimReport report = claim.report(Integer.MAX_VALUE);
        if (claim.side() == Side.SOURCE) {
          source(host, report);
        } else {
          destination(report);
        }
      }
    }
  }

  private void source(HostName host, ClaimReport report) {
    boolean back =
        switch (report.goal()) {
          case RUNNING, PRE_COPY -> true;
          case QUIESCED, FROZEN, COPYING, STOPPED, RESUMING -> false;
        };
    Words words = new Words(heard.getOrDefault(host, List.of()), report.migration());
    long asked = words.epoch(Request.Return.class);
    run(report.migration()).heads(back, asked == report.promised().number() ? asked : 0);
  }

  private void destination(ClaimReport report) {
    Actions run = run(report.migration());
    for (Receipt receipt : report.receipts()) {
      if (receipt instanceof Receipt.Ready ready) {
        run.staged(ready.stop());
      } else if (receipt instanceof Receipt.Started && run.isStarted()) {
        run.acknowledged();
      }
    }
  }

  private Actions run(MigrationId id) {
    return Objects.requireNonNull(runs.get(id), () -> "nobody has claimed anything for " + id);
  }

  /** What a turn was told about one migration. */
  private record Words(List<Event> events, MigrationId migration) {
    /** The highest term in which this was asked for, or 0. */
    long epoch(Class<? extends Request> kind) {
      return epoch(kind::isInstance);
    }

    private long epoch(Predicate<Request> which) {
      return of(e -> e instanceof Event.Asked a && which.test(a.request()) ? a.request() : null)
          .stream()
          .mapToLong(request -> request.header().epoch().number())
          .max()
          .orElse(0);
    }

    long voids(Stop stop) {
      return epoch(r -> r instanceof Request.VoidCopy v && stop.equals(v.stop()));
    }

    /** Whether the other agent sent such a receipt. */
    boolean peer(Class<? extends Receipt> kind) {
      return of(Words::receipt).stream().anyMatch(kind::isInstance);
    }

    private static @Nullable Receipt receipt(Event event) {
      return switch (event) {
        case Event.PeerAsked e when e.message() instanceof PeerMessage.Settle s -> s.receipt();
        case Event.PeerAnswered e -> e.word().receipt();
        default -> null;
      };
    }

    private <T> List<T> of(Function<Event, @Nullable T> what) {
      return events.stream()
          .filter(e -> e.migration().equals(migration))
          .map(what)
          .filter(Objects::nonNull)
          .toList();
    }
  }
}
