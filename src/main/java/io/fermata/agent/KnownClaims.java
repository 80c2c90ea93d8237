package io.fermata.agent;

import io.fermata.handover.Epoch;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.attest.Attestor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A slate that also tells, on any thread, who the peer of each claim is: a claim is known here once
 * it is on disk and before anybody hears of it.
 */
final class KnownClaims implements Slate {
  private final Slate slate;
  private final Map<MigrationId, Terms> claims = new ConcurrentHashMap<>();
  private final Map<MigrationId, Epoch> promises = new ConcurrentHashMap<>();

  /** What a claim binds its receipts to. */
  record Terms(Side side, HostName peer, String set) {
    static Terms of(Side side, ClaimSpec spec) {
      return new Terms(side, spec.peer(), Attestor.set(spec, side));
    }
  }

  KnownClaims(Slate slate) {
    this.slate = slate;
    slate.facts().forEach(this::learn);
  }

  /** The terms of that claim; empty as long as there is none. */
  Optional<Terms> terms(MigrationId migration) {
    return Optional.ofNullable(claims.get(migration));
  }

  /** The highest epoch that was promised for that migration. */
  Epoch promised(MigrationId migration) {
    return promises.getOrDefault(migration, Epoch.NONE);
  }

  private void learn(Fact fact) {
    if (fact instanceof Fact.Claimed claimed) {
      claims.put(claimed.migration(), Terms.of(claimed.side(), claimed.spec()));
      promises.put(claimed.migration(), claimed.epoch());
    } else if (fact instanceof Fact.Promised promised) {
      promises.put(promised.migration(), promised.epoch());
    }
  }

  @Override
  public String incarnation() {
    return slate.incarnation();
  }

  @Override
  public List<Fact> facts() {
    return slate.facts();
  }

  @Override
  public void append(List<Fact> facts) {
    slate.append(facts);
    facts.forEach(this::learn);
  }

  @Override
  public void close() {
    slate.close();
  }
}
