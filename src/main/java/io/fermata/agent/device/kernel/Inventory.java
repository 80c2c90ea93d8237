package io.fermata.agent.device.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this host has: every device that VFIO drives, every virtual function and mediated device,
 * whatever drives it, and what the settings name. Reads sysfs only; opens no device.
 */
record Inventory(Sysfs sysfs) {
  private static final String DEVICE_FILE = "vfio-dev";
  private static final String VFIO = "vfio";

  /** All of them, by address. */
  List<HostDevice> devices(Collection<KernelDeviceSettings> named) {
    Set<Path> wanted = new HashSet<>();
    named.forEach(each -> Sysfs.real(sysfs.directory(each)).ifPresent(wanted::add));
    Set<Path> found = new HashSet<>(wanted);
    for (String bus : List.of("bus/pci/devices", "bus/mdev/devices")) {
      Sysfs.entries(sysfs.root().resolve(bus))
          .forEach(link -> Sysfs.real(link).ifPresent(found::add));
    }
    for (Path node : Sysfs.entries(sysfs.root().resolve("class/vfio-dev"))) {
      Sysfs.real(node.resolve("device")).ifPresent(found::add);
    }
    return found.stream()
        .filter(directory -> wanted.contains(directory) || concernsVfio(directory))
        .map(Inventory::device)
        .sorted(Comparator.comparing(HostDevice::address))
        .toList();
  }

  private static boolean concernsVfio(Path directory) {
    return Files.isDirectory(directory.resolve(DEVICE_FILE))
        || Files.exists(directory.resolve("physfn"))
        || Files.exists(directory.resolve("mdev_type"))
        || isVfio(Sysfs.profile(directory).driver());
  }

  /** Whether a driver of that name gives devices to user space. */
  static boolean isVfio(String driver) {
    return driver.contains(VFIO);
  }

  private static HostDevice device(Path directory) {
    String address = directory.getFileName().toString();
    Path group = directory.resolve("iommu_group");
    List<String> peers =
        Sysfs.entries(group.resolve("devices")).stream()
            .map(each -> each.getFileName().toString())
            .filter(other -> !other.equals(address))
            .toList();
    return new HostDevice(
        address,
        directory,
        Sysfs.profile(directory),
        Sysfs.onlyEntry(directory.resolve(DEVICE_FILE)).orElse(null),
        Sysfs.linkName(group).orElse(null),
        peers,
        numaNode(directory));
  }

  /** Its own, or that of the device it was cut from; the kernel writes -1 when it has none. */
  private static @Nullable Integer numaNode(Path directory) {
    return numaNodeOf(directory)
        .or(() -> Optional.ofNullable(directory.getParent()).flatMap(Inventory::numaNodeOf))
        .filter(node -> node >= 0)
        .orElse(null);
  }

  private static Optional<Integer> numaNodeOf(Path directory) {
    try {
      return Optional.of(Integer.valueOf(Files.readString(directory.resolve("numa_node")).strip()));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }
}
