package io.fermata.handover;

import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether one device may be reset on an operator's word.
 *
 * <p>A reset loses what the device holds and ends in RUNNING, whatever its siblings do. So it is
 * for two cases only: a device that is nobody's, and one in ERROR, whose state is gone already, on
 * the host that has the right to run the set and while none of its siblings is frozen.
 *
 * <pre>
 *   nobody's                              any state     may be reset
 *   a guest's, allowGuestImpact, ERROR    siblings run  may be reset
 *   everything else                                     refused, with the fact that is against it
 * </pre>
 */
public final class ResetRule {
  /** In these a sibling cannot take the DMA of a device that runs. */
  private static final Set<DeviceState> FROZEN =
      EnumSet.of(
          DeviceState.STOP, DeviceState.STOP_COPY, DeviceState.RESUMING, DeviceState.UNKNOWN);

  private ResetRule() {}

  /** Why a reset is refused. */
  public enum Code {
    /** The agent cannot read its slate. */
    QUIET,
    /** The agent holds no such device. */
    NO_DEVICE,
    /** A call of the driver has not returned. */
    BUSY,
    /** It is a guest's, and nobody said that the guest may feel it. */
    GUEST_IMPACT,
    /** The device can run; only one in ERROR has nothing left to lose. */
    NOT_IN_ERROR,
    /** The set may be run by the other host. */
    NOT_RUN_HERE,
    /** A sibling is frozen and cannot take the DMA of a device that runs. */
    BARRIER
  }

  /** One reason against it. */
  public record Objection(Code code, String detail) {}

  /**
   * What is known of the device.
   *
   * @param state as it was read last
   * @param busy whether a call of its driver has not returned
   * @param vm whose it is, or null
   * @param claim the open claim that holds it, or null
   * @param siblings the other devices of the same guest or claim on this host, as read last
   */
  public record Facts(
      String device,
      DeviceState state,
      boolean busy,
      @Nullable String vm,
      @Nullable ClaimReport claim,
      Map<String, DeviceState> siblings) {
    boolean free() {
      return vm == null && claim == null;
    }
  }

  /** What is against it, or empty where nothing is. */
  public static Optional<Objection> objection(Facts facts, boolean allowGuestImpact) {
    String device = facts.device();
    if (facts.busy()) {
      return no(Code.BUSY, "a call to the driver of " + device + " has not returned");
    }
    if (facts.free()) {
      return Optional.empty();
    }
    if (!allowGuestImpact) {
      String whose = facts.vm() == null ? "a migration's" : "of " + facts.vm();
      return no(Code.GUEST_IMPACT, device + " is " + whose + ": a reset loses its state");
    }
    if (facts.state() != DeviceState.ERROR) {
      return no(Code.NOT_IN_ERROR, device + " is in " + facts.state() + ", not in ERROR");
    }
    if (facts.claim() != null && !mayRunHere(facts.claim())) {
      String migration = facts.claim().migration().value();
      return no(Code.NOT_RUN_HERE, "by migration " + migration + " this host may not run the set");
    }
    return frozen(facts.siblings());
  }

  private static boolean mayRunHere(ClaimReport claim) {
    return claim.side() == Side.SOURCE
        ? claim.receipts().stream().noneMatch(Receipt.Sealed.class::isInstance)
        : claim.receipts().stream().anyMatch(Receipt.Started.class::isInstance);
  }

  private static Optional<Objection> frozen(Map<String, DeviceState> siblings) {
    for (var sibling : siblings.entrySet()) {
      if (FROZEN.contains(sibling.getValue())) {
        String detail =
            "its sibling "
                + sibling.getKey()
                + " is in "
                + sibling.getValue()
                + ", and the device would run";
        return no(Code.BARRIER, detail);
      }
    }
    return Optional.empty();
  }

  private static Optional<Objection> no(Code code, String detail) {
    return Optional.of(new Objection(code, detail));
  }
}
