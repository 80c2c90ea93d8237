package io.fermata.agent;

import io.fermata.agent.device.emulated.DeviceSettings;
import io.fermata.agent.device.emulated.EmulatedProfile;
import io.fermata.agent.device.emulated.Fault;
import io.fermata.agent.device.emulated.Traits;
import io.fermata.agent.device.kernel.KernelDeviceSettings;
import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.device.DeviceName;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One device in the settings.
 *
 * @param name what it is called from here on
 * @param vm whom it belongs to at the start; null for a free one
 * @param pci kernel: its PCI address
 * @param mdev kernel: the UUID of a mediated device
 * @param sysfs kernel: its directory in sysfs
 * @param cdev kernel: its device file
 * @param hold kernel: how its descriptor is got; null for open
 * @param pidFile kernel, adopt: the file in which the VMM leaves its process number; null to look
 *     for the process that has the device open
 * @param uid kernel: the only user, besides root and the agent's own, that may give or get it
 * @param profile emulated: the kind of device
 * @param group emulated: the devices of one group do DMA to each other; null for one group per VM
 * @param parent emulated: the physical function whose command queue it shares
 * @param traits emulated: where it differs from its profile
 * @param faults emulated: what will go wrong
 */
public record DeviceEntry(
    @Nullable String name,
    @Nullable String vm,
    @Nullable String pci,
    @Nullable String mdev,
    @Nullable String sysfs,
    @Nullable String cdev,
    @Nullable Way hold,
    @Nullable Path pidFile,
    @Nullable Integer uid,
    @Nullable EmulatedProfile profile,
    @Nullable String group,
    @Nullable String parent,
    @Nullable Traits traits,
    @DefaultValue List<Fault> faults) {

  private static final String GROUP = "vm";

  public DeviceEntry {
    faults = List.copyOf(faults);
  }

  /** What is wrong, beginning with the property below the device; empty when nothing is. */
  Optional<String> problem(AgentSettings.@Nullable Backend backend) {
    if (name == null) {
      return Optional.of(".name: missing");
    }
    if (!isName(name)) {
      return Optional.of(".name: '" + name + "' is no device name");
    }
    if (backend == AgentSettings.Backend.EMULATED && profile == null) {
      return Optional.of(".profile: missing; one of " + List.of(EmulatedProfile.values()));
    }
    boolean kernel = backend == AgentSettings.Backend.KERNEL;
    if (kernel && places().count() != 1) {
      return Optional.of(": exactly one of pci, mdev, sysfs and cdev says where it is");
    }
    if (!kernel && (hold != null || pidFile != null || uid != null)) {
      return Optional.of(": hold, pid-file and uid are for kernel devices");
    }
    if (pidFile != null && hold != Way.ADOPT) {
      return Optional.of(".pid-file: only with hold: adopt");
    }
    return kernel ? badPlace() : Optional.empty();
  }

  private Optional<String> badPlace() {
    try {
      ofKernel();
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(": " + e.getMessage());
    }
  }

  static boolean isName(String name) {
    try {
      return !new DeviceName(name).value().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Stream<String> places() {
    return Stream.of(pci, mdev, sysfs, cdev).filter(Objects::nonNull).map(Objects::requireNonNull);
  }

  DeviceName deviceName() {
    return new DeviceName(Objects.requireNonNull(name));
  }

  KernelDeviceSettings ofKernel() {
    return new KernelDeviceSettings(
        deviceName(), places().findFirst().orElseThrow(), way(), pidFile, vm);
  }

  Way way() {
    return hold == null ? Way.OPEN : hold;
  }

  DeviceSettings ofEmulation() {
    String own = group != null ? group : vm != null ? vm : GROUP;
    return new DeviceSettings(
        deviceName().value(), Objects.requireNonNull(profile), own, vm, parent, traits, faults);
  }
}
