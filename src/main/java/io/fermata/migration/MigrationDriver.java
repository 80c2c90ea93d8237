package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;

import io.fermata.device.Goal;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.Request;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What to do next with a migration, as a pure function of what is known. One step per phase; each
 * looks at the newest reports, and either they show that the phase is over, or something is asked
 * that brings it nearer. Every request names a goal, so asking again is always safe, and a
 * restarted orchestrator simply goes on deciding.
 *
 * <p>Before the seal every trouble leads back ({@link GoingBack}); after it the way leads forward
 * as long as the destination can run, and back only on its void receipt. Model: the {@code O_} side
 * of {@code handover.tla}, which has no state that safety rests on.
 */
public final class MigrationDriver {
  private static final Map<Phase, Function<Known, Decision>> STEPS =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(Phase.PREPARING, MigrationDriver::preparing),
              Map.entry(Phase.PRECOPYING, MigrationDriver::preCopying),
              Map.entry(Phase.QUIESCING, MigrationDriver::quiescing),
              Map.entry(Phase.FREEZING, MigrationDriver::freezing),
              Map.entry(Phase.COPYING, MigrationDriver::copying),
              Map.entry(Phase.SEALING, MigrationDriver::sealing),
              Map.entry(Phase.RESUMING, GoingOn::resuming),
              Map.entry(Phase.CLEANING, GoingOn::cleaning),
              Map.entry(Phase.ROLLING_BACK, GoingBack::rollingBack),
              Map.entry(Phase.NEEDS_OPERATOR, GoingBack::parked)));

  private MigrationDriver() {}

  /** The decision for a migration past its checks; {@link Admission} decides before. */
  public static Decision decide(Known known) {
    return STEPS.getOrDefault(known.migration().phase(), k -> Decision.nothing()).apply(known);
  }

  /** Whether nothing but the right to go dark is missing for the barrier to begin. */
  static boolean couldDarken(Known k) {
    return switch (k.migration().phase()) {
      case PREPARING ->
          !k.migration().order().preCopy().enabled()
              && k.source().at(Goal.RUNNING)
              && k.destination().headingFor(Goal.STOPPED);
      case PRECOPYING -> k.source().at(Goal.PRE_COPY) && Convergence.reached(k);
      default -> false;
    };
  }

  private static Decision preparing(Known k) {
    Optional<Failure> trouble = Trouble.ofClaiming(k);
    if (trouble.isPresent()) {
      return giveUp(trouble.get());
    }
    boolean sourceHolds = k.source().at(Goal.RUNNING);
    boolean destinationTakes = k.destination().headingFor(Goal.STOPPED);
    if (sourceHolds && destinationTakes) {
      if (k.migration().order().preCopy().enabled()) {
        return Decision.move(Trigger.PREPARED_LIVE);
      }
      return k.darkening() == Known.Darkening.GRANTED
          ? Decision.move(Trigger.PREPARED_DIRECT, new Note.WentDark())
          : renewBoth(k);
    }
    Decision next = Decision.nothing();
    if (k.peers().destinationData().isEmpty()) {
      return next; // not heard of since this process began; a claim without it could never copy
    }
    if (!sourceHolds) {
      next = next.and(ask(SOURCE, new Request.ClaimSource(k.waiting(SOURCE), k.spec(SOURCE))));
    }
    if (!destinationTakes) {
      var request = new Request.ClaimDestination(k.waiting(DESTINATION), k.spec(DESTINATION));
      next = next.and(ask(DESTINATION, request));
    }
    return next;
  }

  private static Decision preCopying(Known k) {
    Optional<Failure> trouble = Trouble.ofPreCopying(k);
    if (trouble.isPresent()) {
      return giveUp(trouble.get());
    }
    if (!k.source().at(Goal.PRE_COPY)) {
      return ask(SOURCE, new Request.PreCopy(k.waiting(SOURCE))).and(renew(k, DESTINATION));
    }
    return Convergence.reached(k) && k.darkening() == Known.Darkening.GRANTED
        ? Decision.move(Trigger.CONVERGED, new Note.WentDark())
        : renewBoth(k);
  }

  private static Decision quiescing(Known k) {
    Optional<Failure> trouble = Trouble.inBarrier(k, Goal.QUIESCED);
    if (trouble.isPresent()) {
      return giveUp(trouble.get());
    }
    Stop stop = k.source().stop();
    if (k.source().passed(Goal.QUIESCED) && stop != null) {
      return Decision.move(
          Trigger.QUIESCED, new Note.StopLearned(stop), gate(k, Gate.Name.QUIESCED));
    }
    return ask(SOURCE, new Request.Quiesce(k.waiting(SOURCE), true)).and(renewBoth(k));
  }

  private static Decision freezing(Known k) {
    Optional<Failure> trouble = Trouble.inBarrier(k, Goal.FROZEN);
    Stop stop = k.migration().stop();
    if (trouble.isPresent() || stop == null) {
      return giveUp(trouble.orElseGet(() -> Trouble.noStop(k)));
    }
    if (k.source().passed(Goal.FROZEN)) {
      return Decision.move(Trigger.FROZEN, gate(k, Gate.Name.FROZEN));
    }
    return ask(SOURCE, new Request.Freeze(k.waiting(SOURCE), stop)).and(renewBoth(k));
  }

  private static Decision copying(Known k) {
    Optional<Failure> trouble = Trouble.inBarrier(k, Goal.COPYING).or(() -> Trouble.ofLoading(k));
    Stop stop = k.migration().stop();
    if (trouble.isPresent() || stop == null) {
      return giveUp(trouble.orElseGet(() -> Trouble.noStop(k)));
    }
    Optional<Receipt.Ready> ready = k.destination().receipt(Receipt.Ready.class);
    boolean loaded = ready.isPresent() && ready.get().stop().equals(stop);
    if (loaded && k.source().at(Goal.COPYING)) {
      Note witnessed = new Note.Witnessed(ready.get());
      return Decision.move(Trigger.LOADED, witnessed, gate(k, Gate.Name.LOADED));
    }
    Decision copy = ask(SOURCE, new Request.Copy(k.waiting(SOURCE), stop));
    Decision load = ask(DESTINATION, new Request.Load(k.waiting(DESTINATION)));
    return (k.source().at(Goal.COPYING) ? Decision.nothing() : copy)
        .and(loaded ? Decision.nothing() : load)
        .and(renewBoth(k));
  }

  private static Decision sealing(Known k) {
    Optional<Receipt.Sealed> seal = k.source().receipt(Receipt.Sealed.class);
    if (seal.isPresent()) {
      return Decision.move(Trigger.SEALED, new Note.Witnessed(seal.get()));
    }
    Optional<Failure> trouble = Trouble.inBarrier(k, Goal.COPYING);
    Receipt.Ready ready = k.migration().evidence().ready();
    if (trouble.isPresent() || ready == null) {
      return giveUp(trouble.orElseGet(() -> Trouble.noStop(k)));
    }
    return ask(SOURCE, new Request.Seal(k.header(SOURCE, 0), ready)).and(renewBoth(k));
  }

  static Decision giveUp(Failure failure) {
    return Decision.move(Trigger.GIVEN_UP, new Note.Failed(failure));
  }

  static Decision ask(Side side, Request request) {
    return Decision.ask(side, request);
  }

  /**
   * Keeps the lease alive and brings a fresh report; the loop sends it no more often than the poll.
   */
  static Decision renew(Known k, Side side) {
    return ask(side, new Request.Renew(k.header(side, 0)));
  }

  /**
   * Both, also where only one of them has something to do: a source whose devices take longer than
   * a lease must not cost the destination its claim.
   */
  private static Decision renewBoth(Known k) {
    return renew(k, SOURCE).and(renew(k, DESTINATION));
  }

  static Note gate(Known k, Gate.Name name) {
    return new Note.GateOpened(Gates.opened(k, name));
  }

  static boolean reached(Sighting side) {
    return side.report() != null && side.report().progress() == Progress.REACHED;
  }
}
