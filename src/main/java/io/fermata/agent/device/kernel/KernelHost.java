package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The VFIO devices of this host that an agent is told to hold. All of them are bound through one
 * open file of {@code /dev/iommu}. A device that cannot be had is reported and stops no other.
 */
public final class KernelHost implements AutoCloseable {
  /** Where every device is bound. */
  static final String IOMMU = "/dev/iommu";

  private final List<DeviceControl> devices = new ArrayList<>();
  private final List<Unavailable> unavailable = new ArrayList<>();
  private final Libc libc;
  private final Sysfs sysfs;

  /** A device that could not be opened, and what the kernel said. */
  public record Unavailable(DeviceName name, String reason) {}

  private KernelHost(Libc libc, Sysfs sysfs) {
    this.libc = libc;
    this.sysfs = sysfs;
  }

  /** Opens what can be opened. Never fails: see {@link #unavailable}. */
  public static KernelHost open(List<KernelDeviceSettings> settings) {
    return open(settings, new NativeLibc(), Sysfs.ofThisHost());
  }

  static KernelHost open(List<KernelDeviceSettings> settings, Libc libc, Sysfs sysfs) {
    KernelHost host = new KernelHost(libc, sysfs);
    if (!settings.isEmpty()) {
      host.openAll(settings);
    }
    return host;
  }

  /** The devices that are ours, in the order of the settings. */
  public List<DeviceControl> devices() {
    return List.copyOf(devices);
  }

  /** The devices that are not. */
  public List<Unavailable> unavailable() {
    return List.copyOf(unavailable);
  }

  /** Lets go of every device. */
  @Override
  public void close() {
    devices.forEach(DeviceControl::close);
  }

  private void openAll(List<KernelDeviceSettings> settings) {
    long number = libc.open(IOMMU, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (number < 0) {
      String reason = "opening " + IOMMU + ": " + new Errno((int) -number);
      settings.forEach(each -> unavailable.add(new Unavailable(each.name(), reason)));
      return;
    }
    Descriptor iommu = new Descriptor(libc, (int) number, new Errno(Libc.EBADF));
    Set<DeviceName> names = new HashSet<>();
    for (KernelDeviceSettings each : settings) {
      if (names.add(each.name())) {
        open(each, iommu);
      } else {
        unavailable.add(new Unavailable(each.name(), "the name is used twice: " + each.at()));
      }
    }
    // Each bound device holds on to it in the kernel; our number is not needed any more.
    iommu.end();
  }

  private void open(KernelDeviceSettings settings, Descriptor iommu) {
    try {
      devices.add(KernelDevice.open(settings.name(), libc, sysfs.find(settings), iommu));
    } catch (DeviceFault fault) {
      unavailable.add(new Unavailable(settings.name(), String.valueOf(fault.getMessage())));
    }
  }
}
