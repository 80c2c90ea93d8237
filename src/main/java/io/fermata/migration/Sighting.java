package io.fermata.migration;

import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Refusal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one side: its newest report, and how the last request ended. A side that was
 * never seen has no report, and nothing is concluded from that.
 *
 * @param refusal of the last request, or null when it was taken
 * @param refused the refused request's name, or null
 * @param unreachable why the last request brought no answer, or null when it brought one
 * @param hops every hop report so far
 * @param quietMillis between the first request in a row that brought no answer and the last one
 * @param flow how its copy goes, as its reports have told one after another
 */
public record Sighting(
    @Nullable ClaimReport report,
    @Nullable Refusal refusal,
    @Nullable String refused,
    @Nullable String unreachable,
    List<HopReport> hops,
    long quietMillis,
    Flow flow) {
  /** Nothing is known yet. */
  public static final Sighting NONE = new Sighting(null, null, null, null, List.of());

  /** A side whose silence, if it is silent, has only just begun. */
  Sighting(
      @Nullable ClaimReport report,
      @Nullable Refusal refusal,
      @Nullable String refused,
      @Nullable String unreachable,
      List<HopReport> hops) {
    this(report, refusal, refused, unreachable, hops, 0, Flow.NONE);
  }

  /** No answer came, nor has any for so long. */
  Sighting quiet(String detail, long millis) {
    return new Sighting(report, refusal, refused, detail, hops, millis, flow);
  }

  /** Something new is asked: an old refusal is no answer to it. */
  Sighting asked() {
    return new Sighting(report, null, null, unreachable, hops, quietMillis, flow);
  }

  /** Whether the set is where this goal wants it. */
  boolean at(Goal goal) {
    return report != null && report.goal() == goal && report.progress() == Progress.REACHED;
  }

  /** Whether a source is there, or goes on from there towards the copy. */
  boolean passed(Goal gate) {
    boolean beyond = headingFor(Goal.COPYING) || (gate == Goal.QUIESCED && headingFor(Goal.FROZEN));
    return at(gate) || beyond;
  }

  boolean headingFor(Goal goal) {
    return report != null && report.goal() == goal;
  }

  /** Whether nothing moves and the goal is not reached. */
  boolean stuck() {
    return report != null && report.progress() == Progress.STUCK;
  }

  boolean closed() {
    return report != null && report.standing() == Standing.CLOSED;
  }

  /** It owns the set and has not given it away, so that renewals alone keep it where it is. */
  boolean mayBeHeld() {
    return report != null
        && report.standing() == Standing.OPEN
        && receipt(Receipt.Sealed.class).isEmpty();
  }

  /** The claim is over and the set was not released to the other side. */
  boolean closedAtHome() {
    return closed() && !released();
  }

  boolean released() {
    return report != null
        && report.standing() != Standing.OPEN
        && receipt(Receipt.Started.class).isPresent();
  }

  /** The agent answered that it has no such claim. */
  boolean unclaimed() {
    return report == null && deniesClaim();
  }

  private boolean deniesClaim() {
    return refusal != null && refusal.code() == Refusal.Code.UNKNOWN_CLAIM;
  }

  @Nullable Stop stop() {
    return report == null ? null : report.stop();
  }

  <R extends Receipt> Optional<R> receipt(Class<R> kind) {
    return report == null
        ? Optional.empty()
        : report.receipts().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /** The word that this very stop was given up; a destination may have given up others before. */
  Optional<Receipt.Voided> voided(Stop stop) {
    return report == null
        ? Optional.empty()
        : report.receipts().stream()
            .filter(Receipt.Voided.class::isInstance)
            .map(Receipt.Voided.class::cast)
            .filter(v -> v.stop().equals(stop))
            .findFirst();
  }

  /** The first device that something is wrong with. */
  Optional<DeviceReport> troubled() {
    return report == null
        ? Optional.empty()
        : report.devices().stream()
            .filter(d -> d.trouble() != null || d.state() == DeviceState.ERROR)
            .findFirst();
  }

  Optional<DeviceReport> faulted() {
    return report == null
        ? Optional.empty()
        : report.devices().stream().filter(d -> d.state() == DeviceState.ERROR).findFirst();
  }
}
