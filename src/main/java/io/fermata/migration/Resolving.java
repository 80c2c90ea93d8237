package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static io.fermata.migration.MigrationDriver.ask;
import static io.fermata.migration.MigrationDriver.reached;
import static io.fermata.migration.MigrationDriver.renew;

import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what an operator decided about a parked migration. His word takes the place of the
 * one fact that a lost host owes; wherever an agent can still give the fact itself it is asked for
 * that instead, and its facts win. The end is recorded when the kept side has proven that it has
 * the set.
 */
final class Resolving {
  private static final Set<String> ASKED = Set.of("Reclaim", "Adopt", "Surrender", "Start");

  /** Answers that no repetition changes: the decision cannot be carried out. */
  private static final Set<Refusal.Code> FINAL =
      Set.of(
          Refusal.Code.RELEASED,
          Refusal.Code.CLAIM_CLOSED,
          Refusal.Code.OTHER_STOP,
          Refusal.Code.SEALED,
          Refusal.Code.VOIDED,
          Refusal.Code.STARTED,
          Refusal.Code.UNKNOWN_CLAIM);

  private Resolving() {}

  static Decision decide(Known k, Resolution resolution) {
    Side keep = resolution.keep();
    Optional<Decision> overturned = overturned(k, SOURCE).or(() -> overturned(k, DESTINATION));
    if (overturned.isPresent()) {
      return overturned.get();
    }
    return keep == SOURCE ? keepSource(k, resolution) : keepDestination(k, resolution);
  }

  /** The same for a decision that an agent proved wrong before anything came of it. */
  static Note proven(Known k, Side runsOn) {
    String host = k.host(runsOn).value();
    return new Note.Overturned(host, host + " has proven that the set runs there");
  }

  private static Optional<Decision> overturned(Known k, Side side) {
    Refusal refusal = k.on(side).refusal();
    boolean mine = refusal != null && ASKED.contains(String.valueOf(k.on(side).refused()));
    if (refusal == null || !mine || !FINAL.contains(refusal.code())) {
      return Optional.empty();
    }
    String host = k.host(side).value();
    String detail = host + " refused: " + refusal.code() + ", " + refusal.detail();
    return Optional.of(
        Decision.note(
            new Note.Overturned(host, detail),
            new Note.Failed(new Failure(Failure.Code.EVIDENCE_MISSING, detail, host, null))));
  }

  private static Decision keepSource(Known k, Resolution resolution) {
    Sighting source = k.source();
    if (source.closedAtHome()) {
      return ended(k);
    }
    boolean here = source.receipt(Receipt.Sealed.class).isEmpty();
    Decision back = here ? goHome(k) : takeBack(k, resolution);
    return back.and(giveUp(k, resolution)).and(renew(k, SOURCE)).and(renew(k, DESTINATION));
  }

  private static Decision goHome(Known k) {
    if (k.source().report() == null) {
      return Decision.nothing();
    }
    return GoingBack.letGo(k);
  }

  /** On the void receipt where there is one; on the word only of a host that does not answer. */
  private static Decision takeBack(Known k, Resolution resolution) {
    Receipt.Sealed seal = k.source().receipt(Receipt.Sealed.class).orElseThrow();
    Optional<Receipt.Voided> voided = k.destination().voided(seal.stop());
    if (voided.isPresent()) {
      return ask(SOURCE, new Request.Unseal(k.waiting(SOURCE), voided.get()));
    }
    return mute(k.destination())
        ? ask(
            SOURCE,
            new Request.Reclaim(
                k.waiting(SOURCE), seal.stop(), seal.destination(), resolution.word()))
        : Decision.nothing();
  }

  /** A destination that answers gives up by itself; of what it started only the word is proof. */
  private static Decision giveUp(Known k, Resolution resolution) {
    Stop stop = stop(k);
    if (k.destination().closed() || k.destination().unclaimed()) {
      return Decision.nothing();
    }
    var header = k.header(DESTINATION, 0);
    return stop == null
        ? ask(DESTINATION, new Request.VoidCopy(header, null))
        : ask(DESTINATION, new Request.Surrender(header, stop, resolution.word()));
  }

  private static Decision keepDestination(Known k, Resolution resolution) {
    Optional<Receipt.Started> started = k.destination().receipt(Receipt.Started.class);
    if (started.isPresent() && k.destination().closed()) {
      return ended(k).noting(new Note.Witnessed(started.get()));
    }
    Decision renewed = renew(k, SOURCE).and(renew(k, DESTINATION));
    if (started.isPresent() && reached(k.destination())) {
      Decision release =
          k.source().closed()
              ? Decision.nothing()
              : ask(SOURCE, new Request.Release(k.header(SOURCE, 0), started.get()));
      return ask(DESTINATION, new Request.Close(k.header(DESTINATION, 0))).and(release);
    }
    Stop stop = stop(k);
    Receipt.Sealed seal = seal(k);
    if (seal != null) {
      return ask(DESTINATION, new Request.Start(k.waiting(DESTINATION), seal)).and(renewed);
    }
    return stop == null || !mute(k.source())
        ? renewed
        : ask(DESTINATION, new Request.Adopt(k.waiting(DESTINATION), stop, resolution.word()))
            .and(renewed);
  }

  /** Whether the side has nothing to say, asked since the decision. */
  private static boolean mute(Sighting side) {
    return side.unreachable() != null || side.unclaimed();
  }

  private static Decision ended(Known k) {
    Decision end = Decision.end(Trigger.RESOLVED, Outcome.RESOLVED);
    boolean open = k.migration().darkSince() > 0 && k.migration().blackout() == null;
    return open ? end.noting(new Note.CameBack(Gates.blackout(k))) : end;
  }

  /** The seal, if the source gave it to anybody who told. */
  static Receipt.@Nullable Sealed seal(Known k) {
    Receipt.Sealed held = k.migration().evidence().seal();
    return held != null ? held : k.source().receipt(Receipt.Sealed.class).orElse(null);
  }

  /** The stop that the migration is about, or null when none was ever learned. */
  static @Nullable Stop stop(Known k) {
    return k.migration().stop() != null ? k.migration().stop() : k.source().stop();
  }
}
