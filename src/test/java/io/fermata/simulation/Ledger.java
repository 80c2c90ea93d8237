package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Every fact that ever was on an agent's disk, as the disks show it, by host and migration. */
public final class Ledger {
  private final Map<HostName, Map<MigrationId, List<Fact>>> facts = new TreeMap<>();
  private final Map<HostName, Set<Fact>> known = new TreeMap<>();
  private final Map<HostName, Set<MigrationId>> open = new TreeMap<>();

  /** Facts that are on that host's disk; those that were seen before count once. */
  void found(HostName host, List<Fact> found) {
    Set<Fact> before = known.computeIfAbsent(host, h -> new HashSet<>());
    for (Fact fact : found) {
      if (before.add(fact)) {
        of(host).computeIfAbsent(fact.migration(), m -> new ArrayList<>()).add(fact);
        sort(host, fact);
      }
    }
  }

  private void sort(HostName host, Fact fact) {
    Set<MigrationId> claims = open.computeIfAbsent(host, h -> new TreeSet<>());
    if (fact instanceof Fact.Claimed) {
      claims.add(fact.migration());
    } else if (fact instanceof Fact.Closed) {
      claims.remove(fact.migration());
    }
  }

  private Map<MigrationId, List<Fact>> of(HostName host) {
    return facts.computeIfAbsent(host, h -> new TreeMap<>());
  }

  /** What that host's disk says of a migration, oldest first. */
  public List<Fact> of(HostName host, MigrationId migration) {
    return of(host).getOrDefault(migration, List.of());
  }

  /** Whether the host has such a fact of the migration. */
  public boolean has(HostName host, MigrationId migration, Class<? extends Fact> kind) {
    return of(host, migration).stream().anyMatch(kind::isInstance);
  }

  /** Whether the host took the right to run, and did not give it up again. */
  public boolean started(HostName host, MigrationId migration) {
    boolean taken =
        has(host, migration, Fact.Started.class) || has(host, migration, Fact.Adopted.class);
    boolean given =
        has(host, migration, Fact.Voided.class) || has(host, migration, Fact.Overruled.class);
    return taken && !given;
  }

  /** Whether the host gave the right to run away, and has it not back. */
  public boolean sealed(HostName host, MigrationId migration) {
    boolean sealed = false;
    for (Fact fact : of(host, migration)) {
      boolean back = fact instanceof Fact.Unsealed || fact instanceof Fact.Reclaimed;
      boolean away = fact instanceof Fact.Sealed || fact instanceof Fact.Yielded;
      sealed = away || (sealed && !back);
    }
    return sealed;
  }

  /** The claims that a host has not closed. */
  public Set<MigrationId> open(HostName host) {
    return open.getOrDefault(host, Set.of());
  }

  /** How many facts there are: a number that grows with every change. */
  int size() {
    return known.values().stream().mapToInt(Set::size).sum();
  }

  /** Every host with facts. */
  public Set<HostName> hosts() {
    return facts.keySet();
  }
}
