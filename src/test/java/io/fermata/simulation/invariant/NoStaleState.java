package io.fermata.simulation.invariant;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.simulation.Ledger;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** S3: what begins to run is what was frozen last, and nothing older. */
public final class NoStaleState implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Truth.Start start : truth.starts()) {
      boolean gone = truth.wentWithHost(start.content().key(), start.newest());
      boolean lost = gone && isRuled(truth, start);
      if (start.content().version() != start.newest() && !lost) {
        throw new Violation(
            "NoStaleState",
            "%s began to run %s; the newest state is %d"
                .formatted(start.host(), start.content(), start.newest()));
      }
    }
  }

  /**
   * What went on at a lost host is gone with it. An older copy may run in its place, but only on an
   * operator's word that is on this host's disk and is about this guest's hand-over with that host.
   */
  private static boolean isRuled(Truth truth, Truth.Start start) {
    Ledger ledger = truth.ledger();
    HostName host = start.host();
    return ledger.open(host).stream()
        .filter(id -> isAbout(ledger.of(host, id), start.content().guest(), truth.lost()))
        .anyMatch(id ->
            ledger.has(host, id, Fact.Adopted.class) || ledger.has(host, id, Fact.Reclaimed.class));
  }

  private static boolean isAbout(List<Fact> facts, String guest, @Nullable HostName lost) {
    return facts.stream()
        .anyMatch(fact ->
            fact instanceof Fact.Claimed claimed
                && claimed.spec().vm().equals(guest)
                && claimed.spec().peer().equals(lost));
  }
}
