package io.fermata.agent;

import io.fermata.agent.device.emulated.DeviceSettings;
import io.fermata.agent.device.emulated.EmulatedProfile;
import io.fermata.agent.device.emulated.Fault;
import io.fermata.agent.device.emulated.Traits;
import io.fermata.agent.device.kernel.KernelDeviceSettings;
import io.fermata.device.DeviceName;
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
    return new KernelDeviceSettings(deviceName(), places().findFirst().orElseThrow());
  }

  DeviceSettings ofEmulation() {
    String own = group != null ? group : vm != null ? vm : GROUP;
    return new DeviceSettings(
        deviceName().value(), Objects.requireNonNull(profile), own, vm, parent, traits, faults);
  }
}
