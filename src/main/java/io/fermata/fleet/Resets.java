package io.fermata.fleet;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Has devices reset on an operator's word. The host's agent judges whether it may be done. */
public interface Resets {
  /**
   * What is wished.
   *
   * @param allowGuestImpact whether a guest may feel it
   */
  record Wish(String actor, String reason, boolean allowGuestImpact) {}

  /**
   * What the agent says came of it.
   *
   * @param after as read afterwards
   * @param objection why nothing was done, or null
   */
  record Outcome(DeviceState before, DeviceState after, ResetRule.@Nullable Objection objection) {}

  /**
   * Asks the agent once. The future fails with {@link AgentUnreachable} where there is no answer;
   * the device may have been reset then.
   */
  CompletableFuture<Outcome> reset(HostName host, DeviceName device, Wish wish);
}
