package io.fermata.handover.message;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import java.util.List;

/**
 * What a claim is about, the same for its whole life.
 *
 * @param vm the virtual machine whose devices these are
 * @param devices the whole set, as pairs
 * @param self the host that is asked
 * @param peer the other host
 * @param peerUrl the other agent's control address
 * @param peerData the destination's data-plane address as {@code host:port}
 * @param token one-time secret of this migration's data plane
 * @param leaseMillis how long the source stays stopped without hearing from an orchestrator
 */
public record ClaimSpec(
    String vm,
    List<DevicePair> devices,
    HostName self,
    HostName peer,
    String peerUrl,
    String peerData,
    String token,
    long leaseMillis) {
  public ClaimSpec {
    devices = List.copyOf(devices);
  }

  /** One device of the set and what it becomes. */
  public record DevicePair(DeviceName source, DeviceName destination) {}

  /** Never shows the token. */
  @Override
  public String toString() {
    return vm + " " + devices + " " + self + " peer " + peer;
  }
}
