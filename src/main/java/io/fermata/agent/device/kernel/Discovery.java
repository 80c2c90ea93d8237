package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What this host has, who holds it, what it offers, and why it could not be moved.
 *
 * <p>A device is opened to be asked only when {@code /proc} shows nobody who holds it; its file is
 * bound, read and closed, and no state is asked for. One that is held unseen refuses to be bound
 * and notices nothing. What opening and closing does to a free device (drivers of PCI devices reset
 * it) its last owner's end has done to it already.
 */
public final class Discovery {
  private final Libc libc;
  private final Sysfs sysfs;
  private final OpenFiles files;
  private final long self;

  /**
   * One device.
   *
   * @param name what the settings call it; null when they do not name it
   * @param holders other processes that have it open
   * @param offer what it answered; null when it was not asked, or did not answer
   * @param obstacle why it cannot be moved as things stand; null when nothing is known against it
   */
  public record Finding(
      @Nullable DeviceName name,
      HostDevice device,
      List<Holder> holders,
      @Nullable Offer offer,
      @Nullable String obstacle) {
    public Finding {
      holders = List.copyOf(holders);
    }
  }

  /** A process that has a device open. */
  public record Holder(long pid, String command) {
    @Override
    public String toString() {
      return command + " (pid " + pid + ")";
    }
  }

  /**
   * What a driver says of a device.
   *
   * @param dataSize its estimate of the image in bytes; null when it gives none
   */
  public record Offer(Capabilities capabilities, DeviceState state, @Nullable Long dataSize) {}

  /** Whether devices that nobody holds are opened and asked. */
  public enum Asking {
    FREE_DEVICES,
    NOBODY
  }

  private record Answer(@Nullable Offer offer, @Nullable String obstacle) {}

  Discovery(Libc libc, Sysfs sysfs, OpenFiles files, long self) {
    this.libc = libc;
    this.sysfs = sysfs;
    this.files = files;
    this.self = self;
  }

  /** Of the machine that this runs on. */
  public static Discovery ofThisHost() {
    long self = ProcessHandle.current().pid();
    return new Discovery(new NativeLibc(), Sysfs.ofThisHost(), OpenFiles.ofThisHost(), self);
  }

  /** Every device of the host, by address. */
  public List<Finding> find(Collection<KernelDeviceSettings> named, Asking asking) {
    Map<Holder, List<OpenFile>> processes = files.processes(self);
    return new Inventory(sysfs)
        .devices(named).stream()
            .map(device -> finding(name(device, named), device, holders(device, processes), asking))
            .toList();
  }

  /**
   * Those that have the device open, or its whole group. A path counts here as well as a number: it
   * is about leaving a device alone, not about taking it.
   */
  private List<Holder> holders(HostDevice device, Map<Holder, List<OpenFile>> processes) {
    DeviceIdentity identity = sysfs.identity(device);
    String path = sysfs.devices().resolve(String.valueOf(device.node())).toString();
    String group = String.valueOf(device.group());
    return processes.entrySet().stream()
        .filter(each ->
            each.getValue().stream()
                .anyMatch(file ->
                    file.match(identity) == OpenFile.Match.SAME
                        || file.target().equals(path)
                        || file.isGroup(group)))
        .map(Map.Entry::getKey)
        .toList();
  }

  private @Nullable DeviceName name(HostDevice device, Collection<KernelDeviceSettings> named) {
    return named.stream()
        .filter(each -> Sysfs.real(sysfs.directory(each)).equals(Optional.of(device.directory())))
        .map(KernelDeviceSettings::name)
        .findFirst()
        .orElse(null);
  }

  private Finding finding(
      @Nullable DeviceName name, HostDevice device, List<Holder> holders, Asking asking) {
    String known = obstacle(device, holders);
    boolean asked = known == null && holders.isEmpty() && asking == Asking.FREE_DEVICES;
    Answer answer = asked ? ask(device) : new Answer(null, known);
    return new Finding(name, device, holders, answer.offer(), answer.obstacle());
  }

  /** What stands in the way of opening it. */
  private static @Nullable String obstacle(HostDevice device, List<Holder> holders) {
    String driver = device.profile().driver();
    if (!holders.isEmpty()) {
      return "held by " + String.join(", ", holders.stream().map(Holder::toString).toList());
    }
    if (device.node() != null) {
      return null;
    }
    if (Inventory.isVfio(driver)) {
      return "no device file: the kernel lacks CONFIG_VFIO_DEVICE_CDEV; it cannot be opened, only"
          + " received or adopted";
    }
    return driver.equals(Sysfs.UNNAMED)
        ? "bound to no driver"
        : "bound to " + driver + ", which is no VFIO driver";
  }

  /** Opens it, asks, closes it. */
  private Answer ask(HostDevice device) {
    long number = libc.open(KernelHost.IOMMU, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (number < 0) {
      return new Answer(null, "opening " + KernelHost.IOMMU + ": " + new Errno((int) -number));
    }
    Descriptor iommu = new Descriptor(libc, (int) number, new Errno(Libc.EBADF));
    try {
      return ask(device, iommu);
    } catch (DeviceFault fault) {
      return new Answer(null, fault.getMessage());
    } finally {
      iommu.end();
    }
  }

  private Answer ask(HostDevice device, Descriptor iommu) {
    String path = sysfs.devices().resolve(String.valueOf(device.node())).toString();
    DeviceFile file = DeviceFile.open(new DeviceName(device.address()), libc, path);
    try {
      file.bind(iommu);
      return answer(file, device.profile().driver());
    } finally {
      file.end();
    }
  }

  private static Answer answer(DeviceFile file, String driver) {
    Capabilities offered;
    try {
      offered = file.capabilities();
    } catch (DeviceFault fault) {
      return fault.errno().equals(Errno.ENOTTY)
          ? new Answer(null, "its driver " + driver + " offers no migration: " + fault.errno())
          : new Answer(null, fault.getMessage());
    }
    OptionalLong size = size(file);
    var offer = new Offer(offered, file.state(), size.isPresent() ? size.getAsLong() : null);
    return new Answer(offer, lack(offered));
  }

  /** What a device lacks that a set cannot do without; null when it lacks nothing. */
  public static @Nullable String lack(Capabilities offered) {
    if (!offered.has(Capability.STOP_COPY)) {
      return "its driver offers no STOP_COPY: its state cannot be read";
    }
    return offered.has(Capability.P2P)
        ? null
        : "its driver offers no P2P: it cannot wait for its peers, and moves only alone";
  }

  private static OptionalLong size(DeviceFile file) {
    try {
      return OptionalLong.of(file.dataSize());
    } catch (DeviceFault none) {
      return OptionalLong.empty();
    }
  }
}
