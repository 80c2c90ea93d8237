package io.fermata.agent;

import io.fermata.device.DeviceName;
import io.fermata.handover.Fact;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the facts of a slate mean together: whether they can be true, and which are still needed.
 */
final class SlateFacts {
  private SlateFacts() {}

  /**
   * @throws SlateFault if a fact belongs to no claim or to the other side of its claim
   */
  static void check(List<Fact> facts) {
    Map<MigrationId, Side> claims = new HashMap<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.Claimed claimed) {
        if (claims.put(claimed.migration(), claimed.side()) != null) {
          throw new SlateFault(fact.migration() + " was claimed twice");
        }
      } else if (!claims.containsKey(fact.migration())) {
        throw new SlateFault("a fact of " + fact.migration() + ", which was never claimed");
      }
      Side side = side(fact);
      if (side != null && side != claims.get(fact.migration())) {
        throw new SlateFault(fact.migration() + " has a fact of the other side: " + fact);
      }
    }
  }

  private static @Nullable Side side(Fact fact) {
    return switch (fact) {
      case Fact.Stopped f -> Side.SOURCE;
      case Fact.Sealed f -> Side.SOURCE;
      case Fact.Unsealed f -> Side.SOURCE;
      case Fact.Reclaimed f -> Side.SOURCE;
      case Fact.Yielded f -> Side.SOURCE;
      case Fact.Adopted f -> Side.DESTINATION;
      case Fact.Overruled f -> Side.DESTINATION;
      case Fact.Released f -> Side.SOURCE;
      case Fact.Started f -> Side.DESTINATION;
      case Fact.Voided f -> Side.DESTINATION;
      case Fact.Abandoned f -> Side.DESTINATION;
      case Fact.Claimed f -> null;
      case Fact.Promised f -> null;
      case Fact.Closed f -> null;
    };
  }

  /**
   * Every fact of the claims that still matter, in order: open ones; the newest closed ones, which
   * still answer; those that decide who owns a device; those that an operator decided, for the host
   * that he gave up may come back at any time and has to be told; and the one with the highest stop
   * number, which must never be handed out again.
   *
   * @param closedKept how many closed claims are kept for their answers
   */
  static List<Fact> needed(List<Fact> facts, int closedKept) {
    Map<MigrationId, Fact.Claimed> claims = new HashMap<>();
    SequencedMap<MigrationId, Fact> closed = new LinkedHashMap<>();
    Map<DeviceName, MigrationId> owners = new HashMap<>();
    Map<String, Stop> highest = new HashMap<>();
    Set<MigrationId> kept = new HashSet<>();
    for (Fact fact : facts) {
      MigrationId migration = fact.migration();
      switch (fact) {
        case Fact.Claimed f -> claims.put(migration, f);
        case Fact.Closed f -> closed.put(migration, f);
        case Fact.Stopped f -> highest.merge(f.stop().incarnation(), f.stop(), SlateFacts::later);
        default -> {
          Fact.Claimed claim = claims.get(migration);
          boolean open = !closed.containsKey(migration); // later facts move no device
          if (claim != null && open && decidesOwners(fact)) {
            devices(claim).forEach(device -> owners.put(device, migration));
          }
        }
      }
    }
    claims.keySet().stream().filter(m -> !closed.containsKey(m)).forEach(kept::add);
    closed.sequencedKeySet().reversed().stream().limit(closedKept).forEach(kept::add);
    kept.addAll(owners.values());
    facts.stream()
        .filter(f -> f instanceof Fact.Stopped s && highest.containsValue(s.stop()))
        .forEach(f -> kept.add(f.migration()));
    facts.stream().filter(SlateFacts::restsOnAWord).forEach(f -> kept.add(f.migration()));
    return facts.stream().filter(fact -> kept.contains(fact.migration())).toList();
  }

  private static Stop later(Stop a, Stop b) {
    return a.number() >= b.number() ? a : b;
  }

  private static boolean restsOnAWord(Fact fact) {
    return fact instanceof Fact.Reclaimed || fact instanceof Fact.Adopted;
  }

  private static boolean decidesOwners(Fact fact) {
    return fact instanceof Fact.Started
        || fact instanceof Fact.Released
        || fact instanceof Fact.Adopted
        || fact instanceof Fact.Overruled
        || fact instanceof Fact.Voided;
  }

  private static List<DeviceName> devices(Fact.Claimed claim) {
    return claim.spec().devices().stream()
        .map(pair -> claim.side() == Side.SOURCE ? pair.source() : pair.destination())
        .toList();
  }
}
