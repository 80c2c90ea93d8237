package io.fermata.agent;

import io.fermata.agent.device.kernel.Discovery;
import io.fermata.agent.device.kernel.Discovery.Asking;
import io.fermata.agent.device.kernel.KernelDeviceSettings;
import io.fermata.wire.AgentStatus;
import java.util.List;
import java.util.function.Supplier;

/** What the host has besides what its agent holds. Emulated devices are all held. */
final class HostInventory {
  private final AgentSettings settings;
  private final Supplier<Discovery> host;

  /** Looks at the host only when asked. */
  HostInventory(AgentSettings settings, Supplier<Discovery> host) {
    this.settings = settings;
    this.host = host;
  }

  /**
   * Of an agent that serves. It opens nothing: a machine that starts just now must not find its
   * device taken because somebody looked at a list.
   */
  List<DeviceListing> of(AgentStatus status) {
    return DeviceListing.of(status, isKernel() ? find(Asking.NOBODY) : List.of());
  }

  /** Of kernel devices while no agent holds any: free ones are asked what they offer. */
  List<DeviceListing> atRest() {
    return DeviceListing.of(settings.devices(), find(Asking.FREE_DEVICES));
  }

  boolean isKernel() {
    return settings.kind() == AgentSettings.Backend.KERNEL;
  }

  private List<Discovery.Finding> find(Asking asking) {
    List<KernelDeviceSettings> named =
        settings.devices().stream().map(DeviceEntry::ofKernel).toList();
    return host.get().find(named, asking);
  }
}
