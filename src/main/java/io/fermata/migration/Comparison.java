package io.fermata.migration;

import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.Remembered;
import io.fermata.journal.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Whether the agents know of work that the journal does not: a pure function of both.
 *
 * <p>The journal writes down every take-over and every step outside the blackout before an agent is
 * asked for it. So an agent that knows a migration, an epoch, a claim or a stop of which the
 * journal has no trace has obeyed an orchestrator whose journal this one has not been: an older
 * copy of it. The rule that makes this sound: <em>the agents are asked first, the journal is read
 * after that</em>; the other way round, what happens in between would look like a restored journal.
 *
 * <p>What is imported goes back to where it came from, unless a seal is known: the way back asks
 * both agents for their receipts, and a start that it finds ends it on the other side.
 */
final class Comparison {
  private static final Set<Phase> UNCLAIMED = EnumSet.of(Phase.QUEUED, Phase.CHECKING);

  /** Phases in which the driver asks for nothing but proof: they go on from any knowledge. */
  private static final Set<Phase> SETTLING =
      EnumSet.of(Phase.RESUMING, Phase.CLEANING, Phase.ROLLING_BACK, Phase.NEEDS_OPERATOR);

  private final Map<HostName, List<Remembered>> told;
  private final long now;

  /**
   * A row of the journal.
   *
   * @param version of the row
   */
  record Kept(Migration migration, long version) {}

  /**
   * What the journal has of the migrations that some agent remembers.
   *
   * @param torn those whose row is there and cannot be read. Nothing is imported over such a row:
   *     whoever takes up what is open says that it is torn, and nobody drives it until it is mended
   */
  record Journal(Map<MigrationId, Kept> rows, Set<MigrationId> torn) {}

  private Comparison(Map<HostName, List<Remembered>> told, long now) {
    this.told = told;
    this.now = now;
  }

  /** Reads what can be read. */
  static Journal read(Collection<Row> rows) {
    Map<MigrationId, Kept> kept = new HashMap<>();
    Set<MigrationId> torn = new HashSet<>();
    for (Row row : rows) {
      var id = new MigrationId(row.id());
      try {
        kept.put(id, new Kept(MigrationJson.migration(row.data()), row.version()));
      } catch (JacksonException e) {
        torn.add(id);
      }
    }
    return new Journal(kept, torn);
  }

  /**
   * One finding for each migration that some agent remembers, by id.
   *
   * @param told what each host that answered remembers
   * @param journal the rows of those migrations, as far as there are any, read after that
   */
  static List<Recovery.Finding> of(
      Map<HostName, List<Remembered>> told, Journal journal, long now) {
    var comparison = new Comparison(told, now);
    SortedMap<MigrationId, List<Remembered>> claims = new TreeMap<>();
    told.values().stream()
        .flatMap(Collection::stream)
        .forEach(c -> claims.computeIfAbsent(c.migration(), id -> new ArrayList<>()).add(c));
    List<Recovery.Finding> findings = new ArrayList<>();
    claims.keySet().removeAll(journal.torn());
    claims.forEach((id, own) -> findings.add(comparison.finding(own, journal.rows().get(id))));
    return findings;
  }

  private Recovery.Finding finding(List<Remembered> claims, @Nullable Kept kept) {
    if (kept == null) {
      return new Recovery.Finding(
          Recovery.Verdict.UNKNOWN_TO_US,
          "the journal has no such migration",
          claims,
          null,
          newborn(claims),
          0);
    }
    Optional<String> sign = sign(claims, kept.migration());
    return new Recovery.Finding(
        sign.isPresent() ? Recovery.Verdict.AGENT_AHEAD : Recovery.Verdict.MATCHES,
        sign.orElse(""),
        claims,
        kept.migration(),
        sign.isPresent() ? kept.migration().with(List.of(advance(claims, kept)), now) : null,
        kept.version());
  }

  /** What is over stays over: nobody will drive it, whatever its claims say. */
  private static Optional<String> sign(List<Remembered> claims, Migration m) {
    return m.ended()
        ? Optional.empty()
        : claims.stream().map(claim -> sign(claim, m)).flatMap(Optional::stream).findFirst();
  }

  private static Optional<String> sign(Remembered claim, Migration m) {
    boolean current = m.epoch().of(claim.promised()) == Epoch.Standing.CURRENT;
    if (!current && claim.promised().number() >= m.epoch().number()) {
      return Optional.of(
          claim.self() + " has promised " + claim.promised() + ", the journal has " + m.epoch());
    }
    if (UNCLAIMED.contains(m.phase())) {
      return Optional.of(claim.self() + " holds a claim, the journal has it " + m.phase());
    }
    boolean stopped = claim.side() == Side.SOURCE && claim.stop() != null;
    return stopped && m.darkSince() == 0
        ? Optional.of(claim.self() + " stopped the set, the journal never let it go dark")
        : Optional.empty();
  }

  private Note.Imported advance(List<Remembered> claims, Kept kept) {
    Migration m = kept.migration();
    boolean settles = SETTLING.contains(m.phase());
    return new Note.Imported(
        highest(claims, m.epoch()),
        settles ? m.phase() : Phase.ROLLING_BACK,
        m.darkSince() > 0 || mayBeDark(claims),
        stop(claims),
        settles ? null : failure(claims));
  }

  private Migration newborn(List<Remembered> claims) {
    Remembered any = claims.getFirst();
    List<Order.Pair> pairs =
        any.devices().stream().map(d -> new Order.Pair(d.source(), d.destination())).toList();
    var order =
        new Order(
            any.vm(),
            any.source(),
            any.destination(),
            pairs,
            new Order.PreCopyTerms(false, 0, 0),
            0,
            Order.OnBudgetExceeded.CONTINUE,
            "known to the agents alone",
            Priority.SYSTEM.word());
    return new Migration(
        any.migration(),
        order,
        "", // its claims have the secret; nothing is copied any more
        1,
        null,
        Recovery.TRIGGER,
        Recovery.TRIGGER,
        Phase.ROLLING_BACK,
        null,
        failure(claims),
        highest(claims, Epoch.NONE),
        1,
        now,
        now,
        null,
        false,
        stop(claims),
        Evidence.NONE,
        List.of(),
        mayBeDark(claims) ? now : 0,
        null,
        null);
  }

  /**
   * Of a source that has said nothing nobody knows whether it stopped. One that answers and has no
   * such claim has let go of it, or never had it.
   */
  private boolean mayBeDark(List<Remembered> claims) {
    return claims.stream().anyMatch(Remembered::sawAStop)
        || !told.containsKey(claims.getFirst().source());
  }

  private static @Nullable Stop stop(List<Remembered> claims) {
    return claims.stream()
        .sorted(Comparator.comparing(Remembered::side)) // the source's own word first
        .map(Remembered::stop)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /**
   * As high as the highest; above it where two orchestrators have had that number, each in a
   * journal of its own: neither may pass for the other.
   */
  private static Epoch highest(List<Remembered> claims, Epoch kept) {
    Epoch highest = kept;
    boolean rivals = false;
    for (Remembered claim : claims) {
      Epoch promised = claim.promised();
      if (promised.number() > highest.number()) {
        highest = promised;
        rivals = false;
      } else if (promised.number() == highest.number() && !promised.equals(highest)) {
        rivals = true;
      }
    }
    return rivals ? new Epoch(highest.number() + 1, highest.owner()) : highest;
  }

  private static Failure failure(List<Remembered> claims) {
    List<String> hosts = claims.stream().map(claim -> claim.self().value()).sorted().toList();
    return Failure.of(
        Failure.Code.JOURNAL_RESTORED,
        "the journal was an older one; what is known comes from " + String.join(" and ", hosts));
  }
}
