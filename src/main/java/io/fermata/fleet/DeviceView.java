package io.fermata.fleet;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import org.jspecify.annotations.Nullable;

/**
 * A device as its agent last reported it.
 *
 * @param state as read then
 * @param stateSeenMillis when the agent read it, epoch milliseconds
 * @param vm the virtual machine that owns it, or null when it is free
 * @param claim the migration that holds it, or null
 * @param dataBytes the driver's estimate of its image, or null when it cannot tell
 * @param unavailable why the agent cannot use it, or null when it can
 */
public record DeviceView(
    HostName host,
    DeviceName name,
    String backend,
    String driver,
    String model,
    Capabilities capabilities,
    DeviceState state,
    long stateSeenMillis,
    @Nullable String vm,
    @Nullable String claim,
    @Nullable Long dataBytes,
    @Nullable String unavailable) {

  /** Driver and model in one word: what a pair must agree on, and what latencies are learned by. */
  public String profile() {
    return driver + "/" + model;
  }
}
