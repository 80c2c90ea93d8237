package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds a device's file and learns what it is. Reads {@code /sys} only; opens no device.
 *
 * @param root where sysfs is mounted
 * @param devices where the device files are
 */
record Sysfs(Path root, Path devices) {
  static final String UNNAMED = "unknown";

  /** The places of a Linux host. */
  static Sysfs ofThisHost() {
    return new Sysfs(Path.of("/sys"), Path.of("/dev/vfio/devices"));
  }

  /**
   * The device that the settings name.
   *
   * @throws DeviceFault ENODEV when there is none, or none that VFIO drives
   */
  VfioNode find(KernelDeviceSettings settings) {
    Path directory = directory(settings);
    if (!Files.isDirectory(directory)) {
      throw missing(settings.name(), directory, "there is no such device");
    }
    String node =
        onlyEntry(directory.resolve("vfio-dev"))
            .orElseThrow(() ->
                missing(
                    settings.name(),
                    directory.resolve("vfio-dev"),
                    "the device is bound to no VFIO driver, or the kernel lacks"
                        + " CONFIG_VFIO_DEVICE_CDEV"));
    return new VfioNode(devices.resolve(node).toString(), profile(directory));
  }

  /** The number of the device file of all IOMMUs, as {@code major:minor}. */
  Optional<String> iommu() {
    Path number = root.resolve("class/misc/iommu/dev");
    try {
      return Optional.of(Files.readString(number).strip());
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /**
   * What tells the device's open files from others; also of one that has no device file, because a
   * VMM uses it by its group.
   *
   * @throws DeviceFault ENODEV when there is no such device
   */
  DeviceIdentity identify(KernelDeviceSettings settings) {
    Path directory = directory(settings);
    Path plain =
        real(directory)
            .orElseThrow(() -> missing(settings.name(), directory, "there is no such device"));
    return identity(plain, profile(directory));
  }

  /** The same of a device that was found. */
  DeviceIdentity identity(HostDevice device) {
    return identity(device.directory(), device.profile());
  }

  private DeviceIdentity identity(Path plain, DeviceProfile profile) {
    Path files = plain.resolve("vfio-dev");
    String node =
        onlyEntry(files).flatMap(file -> number(files.resolve(file).resolve("dev"))).orElse(null);
    return new DeviceIdentity(asTheKernelNamesIt(plain), node, profile);
  }

  /** Wherever sysfs is mounted, the kernel writes {@code /sys}. */
  private Path asTheKernelNamesIt(Path plain) {
    Path top = real(root).orElse(root);
    return plain.startsWith(top) ? Path.of("/sys").resolve(top.relativize(plain)) : plain;
  }

  /** Where sysfs would show it; nobody has looked whether it is there. */
  Path directory(KernelDeviceSettings settings) {
    if (settings.isUuid()) {
      return root.resolve("bus/mdev/devices", settings.at().toLowerCase(Locale.ROOT));
    }
    if (!settings.isPath()) {
      return root.resolve("bus/pci/devices", settings.at().toLowerCase(Locale.ROOT));
    }
    Path path = Path.of(settings.at());
    return path.startsWith(devices)
        ? root.resolve("class/vfio-dev").resolve(path.getFileName()).resolve("device")
        : path;
  }

  /** What the device of that directory is. */
  static DeviceProfile profile(Path directory) {
    String driver = linkName(directory.resolve("driver")).orElse(UNNAMED);
    String model =
        linkName(directory.resolve("mdev_type")).or(() -> pciModel(directory)).orElse(UNNAMED);
    return new DeviceProfile("vfio", driver, model, parent(directory).orElse(null));
  }

  /** Vendor and device, as {@code 15b3:101e}. */
  private static Optional<String> pciModel(Path directory) {
    return number(directory.resolve("vendor"))
        .flatMap(vendor -> number(directory.resolve("device")).map(id -> vendor + ":" + id));
  }

  /** The physical function of a virtual one, or the PCI device that a mediated one is cut from. */
  private static Optional<String> parent(Path directory) {
    Optional<String> physical = linkName(directory.resolve("physfn"));
    if (physical.isPresent() || !Files.exists(directory.resolve("mdev_type"))) {
      return physical;
    }
    return real(directory)
        .map(Path::getParent)
        .filter(above -> Files.exists(above.resolve("vendor")))
        .map(above -> above.getFileName().toString());
  }

  static Optional<String> linkName(Path link) {
    return real(link).map(target -> target.getFileName().toString());
  }

  /** Where a link leads; empty when it is not there, which in sysfs is an answer, not a failure. */
  static Optional<Path> real(Path link) {
    try {
      return Optional.of(link.toRealPath());
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static Optional<String> number(Path file) {
    try {
      return Optional.of(Files.readString(file).strip().replaceFirst("^0x", ""));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  static Optional<String> onlyEntry(Path directory) {
    return entries(directory).stream().findFirst().map(entry -> entry.getFileName().toString());
  }

  /** What a directory holds, by name; nothing when it is not there, or goes away meanwhile. */
  static List<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      all.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException absent) {
      return List.of();
    }
    entries.sort(null);
    return entries;
  }

  private static DeviceFault missing(DeviceName name, Path path, String reason) {
    return new DeviceFault(name, Errno.ENODEV, "looking at " + path + ": " + reason);
  }
}
