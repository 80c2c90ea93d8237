package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static io.fermata.migration.MigrationDriver.ask;
import static io.fermata.migration.MigrationDriver.reached;
import static io.fermata.migration.MigrationDriver.renew;

import io.fermata.device.Goal;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.Request;
import java.util.Optional;

/**
 * The way back, and the place where a migration waits for evidence. A sealed source comes back only
 * on the destination's void receipt; a destination that turns out to run ends the way back.
 */
final class GoingBack {
  private GoingBack() {}

  static Decision rollingBack(Known k) {
    Optional<Receipt.Started> there = started(k);
    if (there.isPresent()) {
      return Decision.move(Trigger.OVERTAKEN, new Note.Witnessed(there.get()));
    }
    Optional<DeviceReport> dead = k.source().faulted();
    if (dead.isPresent() && k.source().headingFor(Goal.RUNNING)) {
      return park(Trouble.of(Failure.Code.DEVICE_ERROR, k.host(SOURCE), dead.get()));
    }
    boolean here = isHome(k);
    boolean wiped = k.destination().unclaimed() || k.destination().closed();
    if (here && (wiped || k.overdue())) {
      Decision end = Decision.end(Trigger.RETURNED, outcome(k));
      boolean wasDark = k.migration().darkSince() > 0;
      return wasDark ? end.noting(new Note.CameBack(Gates.blackout(k))) : end;
    }
    if (k.overdue()) {
      return park(missing(k));
    }
    Decision back = here ? Decision.nothing() : goHome(k);
    if (wiped) {
      return back;
    }
    return sourceSpoke(k) ? back.and(voidCopy(k)) : back.and(renew(k, DESTINATION));
  }

  /**
   * Once the set was stopped, the copy is given up only when the source has said in its own words
   * that it has the set: a silent source may be lost, and the copy all that is left of the guest.
   */
  private static boolean sourceSpoke(Known k) {
    boolean dark = k.migration().darkSince() > 0;
    boolean sealed = k.source().receipt(Receipt.Sealed.class).isPresent();
    boolean home = k.source().headingFor(Goal.RUNNING) || k.source().closed();
    return !dark || sealed || home || k.source().unclaimed();
  }

  /**
   * The proof that the set runs at the source. A source that went dark and knows nothing any more
   * has lost its slate: that proves nothing.
   */
  private static boolean isHome(Known k) {
    boolean untouched = k.source().unclaimed() && wasNeverDark(k);
    return untouched || k.source().closedAtHome();
  }

  private static boolean wasNeverDark(Known k) {
    return k.migration().darkSince() == 0;
  }

  /** A start is final, whoever tells of it: the source does once it has let go. */
  private static Optional<Receipt.Started> started(Known k) {
    return k.destination()
        .receipt(Receipt.Started.class)
        .or(() -> k.source().receipt(Receipt.Started.class));
  }

  private static Decision goHome(Known k) {
    Optional<Receipt.Sealed> seal = k.source().receipt(Receipt.Sealed.class);
    if (seal.isPresent()) {
      return unseal(k, seal.get().stop());
    }
    return letGo(k);
  }

  /** What runs at home already is let go of; the rest is sent there. */
  static Decision letGo(Known k) {
    return k.source().at(Goal.RUNNING)
        ? ask(SOURCE, new Request.Close(k.header(SOURCE, 0)))
        : ask(SOURCE, new Request.Return(k.waiting(SOURCE)));
  }

  /** A sealed source is asked for nothing before the destination has given the stop up. */
  private static Decision unseal(Known k, Stop sealed) {
    return Optional.ofNullable(k.migration().evidence().voided())
        .filter(v -> v.stop().equals(sealed))
        .or(() -> k.destination().voided(sealed))
        .map(v -> ask(SOURCE, new Request.Unseal(k.waiting(SOURCE), v)))
        .orElseGet(() -> renew(k, SOURCE));
  }

  private static Decision voidCopy(Known k) {
    return ask(DESTINATION, new Request.VoidCopy(k.waiting(DESTINATION), Resolving.stop(k)));
  }

  /** A journal from a backup may not know of the darkness; the source that was stopped does. */
  private static Outcome outcome(Known k) {
    if (k.migration().darkSince() > 0 || k.source().stop() != null) {
      return Outcome.ROLLED_BACK;
    }
    return k.migration().abort() != null ? Outcome.CANCELLED : Outcome.FAILED;
  }

  static Decision parked(Known k) {
    Optional<Receipt.Started> there = k.destination().receipt(Receipt.Started.class);
    Resolution decided = k.migration().resolution();
    Side keep = decided == null ? null : decided.keep();
    boolean runsThere = there.isPresent() && reached(k.destination()) && !stillOpen(k);
    if (runsThere && keep != DESTINATION) {
      Decision found = Decision.move(Trigger.FOUND_AT_DESTINATION, new Note.Witnessed(there.get()));
      return keep == null ? found : found.noting(Resolving.proven(k, DESTINATION));
    }
    // The way back parks for a dead device: to take it up again for the same would never end.
    boolean dead = k.source().faulted().isPresent();
    if (!dead && (isHome(k) || runsHere(k)) && keep != SOURCE) {
      Decision found = Decision.move(Trigger.FOUND_AT_SOURCE);
      return keep == null ? found : found.noting(Resolving.proven(k, SOURCE));
    }
    if (decided != null) {
      return Resolving.decide(k, decided);
    }
    Decision source = there.isEmpty() && isHeldStill(k) ? goHome(k) : renew(k, SOURCE);
    return source.and(renew(k, DESTINATION));
  }

  /**
   * A source that stands still without a seal waits for nobody: renewed, its set would be dark for
   * as long as no operator comes. A late request may have stopped it after the way back was parked.
   */
  private static boolean isHeldStill(Known k) {
    return k.source().mayBeHeld() && !k.source().headingFor(Goal.RUNNING);
  }

  /** An old word of a source that is silent now is no new evidence. */
  private static boolean runsHere(Known k) {
    boolean unsealed = k.source().receipt(Receipt.Sealed.class).isEmpty();
    return k.source().at(Goal.RUNNING) && unsealed && k.source().unreachable() == null;
  }

  /**
   * It was parked while it cleaned up, and the word that was missing then is missing still: to go
   * on would only park it again, and nobody would ever see it flagged.
   */
  private static boolean stillOpen(Known k) {
    boolean cleaned = k.migration().evidence().started() != null;
    boolean silent = k.destination().unreachable() != null;
    return cleaned && (silent || !k.source().closed());
  }

  private static Decision park(Failure failure) {
    return Decision.move(Trigger.PARKED, new Note.Failed(failure));
  }

  private static Failure missing(Known k) {
    String known = k.source().report() == null ? "nothing is known of it" : "it is " + words(k);
    String detail = k.host(SOURCE) + " has not proven that the set runs there; " + known;
    return new Failure(Failure.Code.EVIDENCE_MISSING, detail, k.host(SOURCE).value(), null);
  }

  private static String words(Known k) {
    var report = k.source().report();
    return report == null ? "?" : report.progress() + " towards " + report.goal();
  }
}
