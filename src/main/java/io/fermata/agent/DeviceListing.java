package io.fermata.agent;

import io.fermata.agent.device.kernel.Discovery;
import io.fermata.agent.device.kernel.Discovery.Finding;
import io.fermata.agent.device.kernel.HostDevice;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.MigrationId;
import io.fermata.wire.AgentStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A device as an operator sees it: one that this agent holds, or one that the host has besides.
 *
 * @param name what the settings call it; null when they do not name it
 * @param profile driver, model and physical function; null when the host does not have it
 * @param capabilities what its driver offers; null when nobody asked it
 * @param state as last read; null when nobody asked it
 * @param ageMillis how long ago that was; null when it was just now or never
 * @param vm whom it belongs to, or null
 * @param claim the migration that holds it, or null
 * @param dataSize the driver's estimate of its image in bytes, or null
 * @param place where it is; null for one that is emulated or not there
 * @param held whether this agent holds it
 * @param holders other processes that have it open
 * @param obstacle why it cannot be moved as things stand; null when nothing is known against it
 */
record DeviceListing(
    @Nullable DeviceName name,
    AgentStatus.@Nullable Profile profile,
    @Nullable Capabilities capabilities,
    @Nullable DeviceState state,
    @Nullable Long ageMillis,
    @Nullable String vm,
    @Nullable MigrationId claim,
    @Nullable Long dataSize,
    @Nullable Place place,
    boolean held,
    List<Discovery.Holder> holders,
    @Nullable String obstacle) {

  /**
   * Where a device is.
   *
   * @param address PCI address or UUID of a mediated device
   * @param node its device file's name, or null
   * @param group its IOMMU group, or null
   * @param groupPeers other devices of that group: they go to the same owner
   * @param numaNode or null when the machine does not say
   */
  record Place(
      String address,
      @Nullable String node,
      @Nullable String group,
      List<String> groupPeers,
      @Nullable Integer numaNode) {
    Place {
      groupPeers = List.copyOf(groupPeers);
    }

    static Place of(HostDevice device) {
      return new Place(
          device.address(), device.node(), device.group(), device.groupPeers(), device.numaNode());
    }
  }

  DeviceListing {
    holders = List.copyOf(holders);
  }

  /** What this agent knows of its devices, and what else the host has. */
  static List<DeviceListing> of(AgentStatus status, List<Finding> found) {
    Map<DeviceName, Finding> named = new HashMap<>();
    found.stream()
        .filter(finding -> finding.name() != null)
        .forEach(finding -> named.put(Objects.requireNonNull(finding.name()), finding));
    List<DeviceListing> all = new ArrayList<>();
    Set<DeviceName> told = new HashSet<>();
    for (AgentStatus.Device device : status.devices()) {
      told.add(device.name());
      all.add(held(device, named.get(device.name())));
    }
    for (AgentStatus.Unavailable missing : status.unavailable()) {
      told.add(missing.name());
      all.add(unavailable(missing, named.get(missing.name())));
    }
    found.stream()
        .filter(finding -> finding.name() == null || !told.contains(finding.name()))
        .forEach(finding -> all.add(found(finding, null)));
    return all;
  }

  /** What the host has and the settings name, while no agent holds anything. */
  static List<DeviceListing> of(List<DeviceEntry> entries, List<Finding> found) {
    Map<DeviceName, DeviceEntry> missing = new HashMap<>();
    entries.forEach(entry -> missing.put(entry.deviceName(), entry));
    List<DeviceListing> all = new ArrayList<>();
    for (Finding finding : found) {
      DeviceEntry entry = finding.name() == null ? null : missing.remove(finding.name());
      all.add(found(finding, entry == null ? null : entry.vm()));
    }
    for (DeviceEntry entry : entries) {
      if (missing.containsKey(entry.deviceName())) {
        String reason = "this host has no device at " + entry.ofKernel().at();
        all.add(unavailable(new AgentStatus.Unavailable(entry.deviceName(), reason), null));
      }
    }
    return all;
  }

  private static DeviceListing held(AgentStatus.Device device, @Nullable Finding finding) {
    return new DeviceListing(
        device.name(),
        device.profile(),
        device.capabilities(),
        device.state(),
        device.ageMillis(),
        device.vm(),
        device.claim(),
        device.dataSize(),
        finding == null ? null : Place.of(finding.device()),
        true,
        finding == null ? List.of() : finding.holders(),
        Discovery.lack(device.capabilities()));
  }

  private static DeviceListing unavailable(
      AgentStatus.Unavailable missing, @Nullable Finding finding) {
    return new DeviceListing(
        missing.name(),
        finding == null ? null : profile(finding.device()),
        null,
        null,
        null,
        null,
        null,
        null,
        finding == null ? null : Place.of(finding.device()),
        false,
        finding == null ? List.of() : finding.holders(),
        missing.reason());
  }

  private static DeviceListing found(Finding finding, @Nullable String vm) {
    Discovery.Offer offer = finding.offer();
    return new DeviceListing(
        finding.name(),
        profile(finding.device()),
        offer == null ? null : offer.capabilities(),
        offer == null ? null : offer.state(),
        null,
        vm,
        null,
        offer == null ? null : offer.dataSize(),
        Place.of(finding.device()),
        false,
        finding.holders(),
        finding.obstacle());
  }

  private static AgentStatus.Profile profile(HostDevice device) {
    var profile = device.profile();
    return new AgentStatus.Profile(
        profile.backend(), profile.driver(), profile.model(), profile.parent());
  }
}
