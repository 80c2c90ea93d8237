package io.fermata.wire;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import org.jspecify.annotations.Nullable;

/**
 * An operator's wish to reset one device.
 *
 * @param actor who wishes it
 * @param reason why, for the agent's own log
 * @param allowGuestImpact whether a guest may feel it
 */
public record DeviceReset(String actor, String reason, boolean allowGuestImpact) {

  /**
   * What became of it.
   *
   * @param before the state in which the device was found
   * @param after the state that was read afterwards; the same as before where it was refused
   * @param objection why nothing was done, or null
   */
  public record Done(
      HostName host,
      DeviceName device,
      DeviceState before,
      DeviceState after,
      ResetRule.@Nullable Objection objection) {}
}
