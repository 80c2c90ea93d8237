package io.fermata.agent;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import io.fermata.handover.ResetRule.Code;
import io.fermata.handover.ResetRule.Objection;
import io.fermata.wire.DeviceReset;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Resets a device on an operator's word, if {@link ResetRule} has nothing against it. Judged on the
 * loop's thread, so that no claim is made in between; the device is read again by its own thread
 * before and after.
 */
final class OperatorResets {
  private static final System.Logger LOG = System.getLogger(OperatorResets.class.getName());

  private final HostName host;
  private final DeviceThreads threads;
  private final AgentMetrics metrics;

  OperatorResets(HostName host, DeviceThreads threads, AgentMetrics metrics) {
    this.host = host;
    this.threads = threads;
    this.metrics = metrics;
  }

  /** On the loop's thread. The future completes when the device was read afterwards. */
  CompletableFuture<DeviceReset.Done> reset(Claims claims, DeviceName device, DeviceReset wish) {
    Optional<String> quiet = claims.quiet();
    if (quiet.isPresent()) {
      return refused(device, Code.QUIET, host + " cannot read its slate: " + quiet.get());
    }
    Claims.@Nullable Holding holding = claims.devices().get(device);
    if (holding == null) {
      return refused(device, Code.NO_DEVICE, host + " holds no device " + device);
    }
    ResetRule.Facts facts = facts(claims, device, holding.vm());
    Optional<Objection> objection = ResetRule.objection(facts, wish.allowGuestImpact());
    if (objection.isPresent()) {
      return refused(device, objection.get().code(), objection.get().detail());
    }
    boolean owned = facts.vm() != null || facts.claim() != null;
    return threads
        .resetIf(
            device,
            state -> !owned || state == DeviceState.ERROR,
            claims.holder(device).orElse(null))
        .thenApply(ends -> done(device, wish, ends));
  }

  private CompletableFuture<DeviceReset.Done> refused(DeviceName device, Code code, String detail) {
    DeviceState state = state(device);
    var objection = new Objection(code, detail);
    return CompletableFuture.completedFuture(
        new DeviceReset.Done(host, device, state, state, objection));
  }

  private ResetRule.Facts facts(Claims claims, DeviceName device, @Nullable String vm) {
    Optional<Claim> holder = claims.holder(device);
    Map<String, DeviceState> siblings = new TreeMap<>();
    claims
        .devices()
        .forEach((other, holding) -> {
          boolean same = vm != null && vm.equals(holding.vm());
          boolean together = holder.isPresent() && holder.equals(claims.holder(other));
          if (!other.equals(device) && (same || together)) {
            siblings.put(other.value(), threads.busy(other) ? DeviceState.UNKNOWN : state(other));
          }
        });
    return new ResetRule.Facts(
        device.value(),
        state(device),
        threads.busy(device),
        vm,
        holder.map(claim -> claim.report(0)).orElse(null),
        siblings);
  }

  private DeviceState state(DeviceName device) {
    return threads.sight(device).map(DeviceThreads.Sight::state).orElse(DeviceState.UNKNOWN);
  }

  private DeviceReset.Done done(DeviceName device, DeviceReset wish, DeviceThreads.Ends ends) {
    if (!ends.reset()) {
      String moved = device + " is in " + ends.before() + " now, not in ERROR";
      var objection = new Objection(Code.NOT_IN_ERROR, moved);
      return new DeviceReset.Done(host, device, ends.before(), ends.after(), objection);
    }
    metrics.resetByHand(device, ends.before());
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} was reset by {1} ({2}): {3} to {4}",
        device,
        wish.actor(),
        wish.reason(),
        ends.before(),
        ends.after());
    return new DeviceReset.Done(host, device, ends.before(), ends.after(), null);
  }
}
