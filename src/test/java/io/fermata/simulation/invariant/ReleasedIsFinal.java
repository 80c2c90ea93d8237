package io.fermata.simulation.invariant;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.simulation.Ledger;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;
import java.util.List;

/**
 * S5: a source lets go only once, and only of what another host has durably taken; what was voided
 * is never started.
 */
public final class ReleasedIsFinal implements Invariant {
  @Override
  public void check(Truth truth) {
    Ledger ledger = truth.ledger();
    for (HostName host : ledger.hosts()) {
      for (MigrationId migration : ledger.open(host)) {
        check(ledger, host, migration);
      }
    }
  }

  private static void check(Ledger ledger, HostName host, MigrationId migration) {
    boolean released = false;
    boolean voided = false;
    List<Fact> facts = ledger.of(host, migration);
    for (Fact fact : facts) {
      boolean back = fact instanceof Fact.Unsealed || fact instanceof Fact.Reclaimed;
      boolean after = released && (back || fact instanceof Fact.Stopped);
      boolean starts = fact instanceof Fact.Started || fact instanceof Fact.Adopted;
      if (after || (voided && starts)) {
        throw new Violation("ReleasedIsFinal", host + " has on disk " + facts);
      }
      voided |=
          fact instanceof Fact.Voided
              || fact instanceof Fact.Abandoned
              || fact instanceof Fact.Overruled;
      if (fact instanceof Fact.Released r) {
        released = true;
        if (!ledger.started(r.receipt().destination(), migration)) {
          throw new Violation(
              "ReleasedIsFinal",
              host + " let go, and " + r.receipt().destination() + " has not started");
        }
      }
    }
  }
}
