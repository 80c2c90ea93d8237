package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.Refusal;
import java.util.Optional;

/** Why a migration cannot go on, read from what is known; empty while it can. */
final class Trouble {
  private Trouble() {}

  static Optional<Failure> ofClaiming(Known k) {
    return wish(k)
        .or(() -> refused(k, SOURCE, Failure.Code.CLAIM_REFUSED))
        .or(() -> refused(k, DESTINATION, Failure.Code.CLAIM_REFUSED))
        .or(() -> stuck(k, SOURCE, Failure.Code.HOP_FAILED))
        .or(() -> stuck(k, DESTINATION, Failure.Code.HOP_FAILED))
        .or(() -> lostDestination(k))
        .or(() -> silence(k))
        .or(() -> deadline(k));
  }

  static Optional<Failure> ofPreCopying(Known k) {
    return wish(k)
        .or(() -> refused(k, SOURCE, Failure.Code.REQUEST_REFUSED))
        .or(() -> stuck(k, SOURCE, Failure.Code.HOP_FAILED))
        .or(() -> stuck(k, DESTINATION, Failure.Code.STREAM_BROKEN))
        .or(() -> lostDestination(k))
        .or(() -> silence(k))
        .or(() -> deadline(k));
  }

  /** Within the barrier: also a source that turned back by itself, and the budget. */
  static Optional<Failure> inBarrier(Known k, Goal goal) {
    return wish(k)
        .or(() -> walkedBack(k))
        .or(() -> refused(k, SOURCE, Failure.Code.REQUEST_REFUSED))
        .or(() -> stuckTowards(k, goal))
        .or(() -> lostDestination(k))
        .or(() -> silence(k))
        .or(() -> budget(k))
        .or(() -> journal(k))
        .or(() -> deadline(k));
  }

  static Optional<Failure> ofLoading(Known k) {
    return refused(k, DESTINATION, Failure.Code.LOAD_FAILED)
        .or(() -> stuck(k, DESTINATION, Failure.Code.LOAD_FAILED));
  }

  static Failure noStop(Known k) {
    return Failure.of(
        Failure.Code.EVIDENCE_MISSING,
        "the journal lacks the stop or the copy that " + k.migration().phase() + " needs");
  }

  static Failure of(Failure.Code code, HostName host, DeviceReport device) {
    boolean dead = device.state() == DeviceState.ERROR;
    String what = device.trouble() == null ? "it is in " + device.state() : device.trouble();
    return new Failure(
        dead ? Failure.Code.DEVICE_ERROR : code,
        host + " " + device.name() + ": " + what,
        host.value(),
        device.name().value());
  }

  private static Optional<Failure> wish(Known k) {
    Migration.Wish wish = k.migration().abort();
    return wish == null
        ? Optional.empty()
        : Optional.of(
            Failure.of(Failure.Code.ABORTED, "asked by " + wish.actor() + ": " + wish.reason()));
  }

  private static Optional<Failure> refused(Known k, Side side, Failure.Code code) {
    Refusal refusal = k.on(side).refusal();
    String host = k.host(side).value();
    boolean news =
        refusal != null && (refusal.code() != Refusal.Code.UNKNOWN_CLAIM || !claimable(k));
    return refusal == null || !news
        ? Optional.empty()
        : Optional.of(
            new Failure(
                code,
                host
                    + " refused "
                    + k.on(side).refused()
                    + ": "
                    + refusal.code()
                    + ", "
                    + refusal.detail(),
                host,
                null));
  }

  /** While claims are being made, an agent that knows of none is no news. */
  private static boolean claimable(Known k) {
    return k.migration().phase() == Phase.PREPARING;
  }

  private static Optional<Failure> stuck(Known k, Side side, Failure.Code code) {
    if (!k.on(side).stuck()) {
      return Optional.empty();
    }
    Failure plain =
        new Failure(
            code,
            k.host(side) + " is stuck on the way to " + goal(k.on(side)) + guest(k, side),
            k.host(side).value(),
            null);
    return Optional.of(k.on(side).troubled().map(d -> of(code, k.host(side), d)).orElse(plain));
  }

  private static Optional<Failure> stuckTowards(Known k, Goal goal) {
    return k.source().headingFor(goal)
        ? stuck(
            k, SOURCE, goal == Goal.COPYING ? Failure.Code.STREAM_BROKEN : Failure.Code.HOP_FAILED)
        : Optional.empty();
  }

  private static Optional<Failure> walkedBack(Known k) {
    boolean back = k.source().headingFor(Goal.RUNNING) && k.source().stop() != null;
    return back || k.source().closed()
        ? Optional.of(
            new Failure(
                Failure.Code.SOURCE_WALKED_BACK,
                k.host(SOURCE) + " walked its devices back: its lease ended or it restarted",
                k.host(SOURCE).value(),
                null))
        : Optional.empty();
  }

  private static Optional<Failure> lostDestination(Known k) {
    boolean lost = k.destination().closed() || givenUp(k.destination());
    return lost
        ? Optional.of(
            new Failure(
                Failure.Code.DESTINATION_LOST,
                k.host(DESTINATION) + " gave its claim up",
                k.host(DESTINATION).value(),
                null))
        : Optional.empty();
  }

  private static boolean givenUp(Sighting side) {
    Refusal refusal = side.refusal();
    return refusal != null && refusal.code() == Refusal.Code.VOIDED;
  }

  /**
   * A host that answers nothing for longer than its lease has let go of what it had begun: a source
   * runs its devices again, a destination has given its copy up. Whether it comes back or is lost
   * for ever, the rest of the phase's deadline brings nothing more. This proves nothing about where
   * the set runs; the way back asks for that.
   */
  private static Optional<Failure> silence(Known k) {
    return silence(k, SOURCE).or(() -> silence(k, DESTINATION));
  }

  private static Optional<Failure> silence(Known k, Side side) {
    long quiet = k.on(side).quietMillis();
    String host = k.host(side).value();
    return k.on(side).unreachable() == null || quiet < k.terms().silenceMillis()
        ? Optional.empty()
        : Optional.of(
            new Failure(
                Failure.Code.HOST_SILENT,
                host + " has not answered for " + quiet + " ms: " + k.on(side).unreachable(),
                host,
                null));
  }

  private static Optional<Failure> budget(Known k) {
    Order order = k.migration().order();
    long spent = k.nowMillis() - k.migration().darkSince();
    boolean over = order.blackoutBudgetMillis() > 0 && spent > order.blackoutBudgetMillis();
    return over && order.onBudgetExceeded() == Order.OnBudgetExceeded.ABORT
        ? Optional.of(
            Failure.of(
                Failure.Code.BUDGET_EXCEEDED,
                "dark for "
                    + spent
                    + " ms of "
                    + order.blackoutBudgetMillis()
                    + " ms before the seal"))
        : Optional.empty();
  }

  private static Optional<Failure> journal(Known k) {
    return k.journal() == Known.JournalState.FAILS
        ? Optional.of(
            Failure.of(
                Failure.Code.JOURNAL_UNAVAILABLE,
                "the journal cannot be written; nothing goes on that has not been sealed"))
        : Optional.empty();
  }

  private static Optional<Failure> deadline(Known k) {
    return k.overdue() && !waitsToDarken(k)
        ? Optional.of(
            Failure.of(
                Failure.Code.DEADLINE,
                k.migration().phase()
                    + " took longer than "
                    + k.terms().deadlineMillis(k.migration().phase())
                    + " ms"
                    + silent(k)))
        : Optional.empty();
  }

  /** Whoever waits for others to come out of the dark is not late himself. */
  private static boolean waitsToDarken(Known k) {
    return k.darkening() == Known.Darkening.NOT_YET && MigrationDriver.couldDarken(k);
  }

  private static String silent(Known k) {
    String source =
        k.source().unreachable() == null
            ? ""
            : "; " + k.host(SOURCE) + " " + k.source().unreachable();
    String destination =
        k.destination().unreachable() == null
            ? ""
            : "; " + k.host(DESTINATION) + " " + k.destination().unreachable();
    return source + destination;
  }

  /** What is wrong with the guest, where that is what stands in the way; else empty. */
  static String guest(Known k, Side side) {
    ClaimReport report = k.on(side).report();
    String vm = k.migration().order().vm();
    return report == null
        ? ""
        : switch (report.guest()) {
          case SILENT -> "; the guest " + vm + " does not answer there";
          case GONE -> "; the guest " + vm + " has ended there";
          case UNKNOWN -> "; the guest " + vm + " did not do there what it was asked";
          case RUNNING ->
              side == SOURCE && report.goal() != Goal.RUNNING && report.goal() != Goal.PRE_COPY
                  ? "; somebody else let the guest " + vm + " run there"
                  : "";
          case PAUSED, HELD -> "";
        };
  }

  private static String goal(Sighting side) {
    return side.report() == null ? "?" : side.report().goal().name();
  }
}
