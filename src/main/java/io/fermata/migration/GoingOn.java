package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static io.fermata.migration.MigrationDriver.ask;
import static io.fermata.migration.MigrationDriver.gate;
import static io.fermata.migration.MigrationDriver.reached;
import static io.fermata.migration.MigrationDriver.renew;

import io.fermata.handover.Receipt;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.Optional;
import java.util.Set;

/**
 * After the seal: the destination runs, or it proves that it never will. Until one of the two is on
 * its disk nobody concludes anything.
 */
final class GoingOn {
  private static final Set<Refusal.Code> NEVER =
      Set.of(Refusal.Code.VOIDED, Refusal.Code.NOT_READY, Refusal.Code.OTHER_IMAGES);

  private GoingOn() {}

  static Decision resuming(Known k) {
    Receipt.Sealed seal = k.migration().evidence().seal();
    if (seal == null) {
      return Decision.nothing();
    }
    Optional<Receipt.Voided> voided = k.destination().voided(seal.stop());
    if (voided.isPresent()) {
      return Decision.move(
          Trigger.GIVEN_UP, new Note.Witnessed(voided.get()), new Note.Failed(cannotRun(k)));
    }
    Optional<Receipt.Started> started = k.destination().receipt(Receipt.Started.class);
    if (started.isPresent() && reached(k.destination())) {
      return Decision.move(
          Trigger.RUNNING,
          new Note.Witnessed(started.get()),
          gate(k, Gate.Name.THAWED),
          gate(k, Gate.Name.RUNNING),
          new Note.CameBack(Gates.blackout(k)));
    }
    boolean undecided = started.isPresent() || k.destination().unreachable() != null;
    if (k.overdue() && (undecided || neither(k))) {
      return Decision.move(Trigger.PARKED, new Note.Failed(neither(k) ? cannotRun(k) : missing(k)));
    }
    boolean hopeless = k.overdue() || refusedForGood(k);
    return hopeless
        ? ask(DESTINATION, new Request.VoidCopy(k.header(DESTINATION, 0), seal.stop()))
        : ask(DESTINATION, new Request.Start(k.waiting(DESTINATION), seal));
  }

  private static boolean refusedForGood(Known k) {
    Refusal refusal = k.destination().refusal();
    return refusal != null && NEVER.contains(refusal.code());
  }

  /**
   * It took the right to run, a device may have moved, and it neither runs nor may give it back.
   */
  private static boolean neither(Known k) {
    Refusal refusal = k.destination().refusal();
    return refusal != null && refusal.code() == Refusal.Code.STARTED;
  }

  private static Failure cannotRun(Known k) {
    return k.destination()
        .troubled()
        .map(d -> Trouble.of(Failure.Code.START_FAILED, k.host(DESTINATION), d))
        .orElseGet(() ->
            new Failure(
                Failure.Code.START_FAILED,
                k.host(DESTINATION)
                    + (neither(k)
                        ? " took the right to run and does not run"
                        : " gave the copy up before any device left STOP"),
                k.host(DESTINATION).value(),
                null));
  }

  private static Failure missing(Known k) {
    String detail =
        "the set is sealed for "
            + k.host(DESTINATION)
            + "; missing is its word that the whole set runs there, or that it never will"
            + Trouble.guest(k, DESTINATION);
    return new Failure(Failure.Code.EVIDENCE_MISSING, detail, k.host(DESTINATION).value(), null);
  }

  private static boolean bothLetGo(Known k) {
    return k.source().closed() && k.destination().closed();
  }

  static Decision cleaning(Known k) {
    Receipt.Started started = k.migration().evidence().started();
    if (started == null) {
      return Decision.nothing();
    }
    boolean sourceDone = k.source().closed();
    if (bothLetGo(k)) {
      return Decision.end(Trigger.CLEANED, Outcome.SUCCEEDED);
    }
    if (k.overdue()) {
      String open = k.host(sourceDone ? DESTINATION : SOURCE).value();
      String detail =
          "the set runs on the destination; missing is " + open + "'s word that it let go";
      return Decision.move(
          Trigger.PARKED,
          new Note.Failed(new Failure(Failure.Code.EVIDENCE_MISSING, detail, open, null)));
    }
    return sourceDone
        ? ask(DESTINATION, new Request.Close(k.header(DESTINATION, 0)))
        : ask(SOURCE, new Request.Release(k.waiting(SOURCE), started)).and(renew(k, DESTINATION));
  }
}
