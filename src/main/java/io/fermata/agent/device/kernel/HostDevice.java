package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceProfile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device of this host that VFIO drives, or could drive, as sysfs shows it.
 *
 * @param address PCI address, UUID of a mediated device, or what else its bus calls it
 * @param directory where sysfs has it, links resolved
 * @param profile driver and model; the parent is the physical function of a virtual one
 * @param node its device file's name, such as {@code vfio0}; null when it has none
 * @param group its IOMMU group; null when it is in none
 * @param groupPeers the addresses of the other devices of that group
 * @param numaNode the memory that is near to it; null when the machine does not say
 */
public record HostDevice(
    String address,
    Path directory,
    DeviceProfile profile,
    @Nullable String node,
    @Nullable String group,
    List<String> groupPeers,
    @Nullable Integer numaNode) {

  public HostDevice {
    groupPeers = List.copyOf(groupPeers);
  }
}
