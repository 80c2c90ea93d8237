package io.fermata.simulation.invariant;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.simulation.Ledger;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** S8: an outcome in the journal says where the set has its right to run, and it has it there. */
public final class OutcomeIsProven implements Invariant {
  @Override
  public void check(Truth truth) {
    truth.outcomes().forEach(migration -> check(migration, truth.ledger()));
  }

  private static void check(Migration m, Ledger ledger) {
    HostName source = m.order().source();
    HostName destination = m.order().destination();
    boolean started = ledger.started(destination, m.id());
    boolean released = ledger.has(source, m.id(), Fact.Released.class);
    boolean sealed = ledger.sealed(source, m.id());
    boolean there = started && released;
    boolean here = !started && !released && !sealed;
    if (m.outcome() == Outcome.SUCCEEDED ? !there : !here) {
      throw new Violation(
          "OutcomeIsProven",
          "%s is recorded as %s; started at the destination %s, released %s, sealed %s"
              .formatted(m.id(), m.outcome(), started, released, sealed));
    }
    boolean dark = ledger.has(source, m.id(), Fact.Stopped.class);
    boolean touched = m.outcome() == Outcome.FAILED || m.outcome() == Outcome.CANCELLED;
    if (touched && dark) {
      throw new Violation(
          "OutcomeIsProven", m.id() + " is " + m.outcome() + ", and its set was stopped");
    }
  }
}
