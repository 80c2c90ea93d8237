package io.fermata.simulation.invariant;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.migration.Failure;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.simulation.Ledger;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;

/** S8: an outcome in the journal says where the set has its right to run, and it has it there. */
public final class OutcomeIsProven implements Invariant {
  @Override
  public void check(Truth truth) {
    for (Migration migration : truth.outcomes()) {
      if (truth.hasOldJournal() && wasDropped(migration)) {
        continue;
      }
      if (migration.outcome() == Outcome.RESOLVED) {
        kept(migration, truth);
        continue;
      }
      check(migration, truth.ledger());
      if (!truth.hasOldJournal()) {
        neverDark(migration, truth.ledger());
      }
    }
  }

  /**
   * It never left the queue, as far as its journal knew. A journal from a backup may not know that
   * it did; no agent is asked before anything is claimed. Nor does it know what those do who still
   * write to the journal that it replaced.
   */
  private static boolean wasDropped(Migration migration) {
    Failure failure = migration.failure();
    return failure == null || failure.code() == Failure.Code.CHECK_FAILED;
  }

  /** The side that the operator kept has the right; what a lost host has on its disk is gone. */
  private static void kept(Migration m, Truth truth) {
    Ledger ledger = truth.ledger();
    HostName source = m.order().source();
    HostName destination = m.order().destination();
    boolean started = ledger.started(destination, m.id());
    boolean released = ledger.has(source, m.id(), Fact.Released.class);
    boolean rival = started && !destination.equals(truth.lost());
    boolean here = !released && !ledger.sealed(source, m.id()) && !rival;
    var resolution = m.resolution();
    if (resolution == null || !(resolution.keep() == Side.SOURCE ? here : started)) {
      throw new Violation(
          "OutcomeIsProven",
          "%s is resolved by %s; started %s, released %s"
              .formatted(m.id(), resolution, started, released));
    }
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
  }

  private static void neverDark(Migration m, Ledger ledger) {
    HostName source = m.order().source();
    boolean dark = ledger.has(source, m.id(), Fact.Stopped.class);
    boolean touched = m.outcome() == Outcome.FAILED || m.outcome() == Outcome.CANCELLED;
    if (touched && dark) {
      throw new Violation(
          "OutcomeIsProven", m.id() + " is " + m.outcome() + ", and its set was stopped");
    }
  }
}
