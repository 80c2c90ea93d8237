package io.fermata.agent.device.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.agent.os.Supervisor;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The open files of {@code /dev/iommu}: one for each virtual machine, and one for each device that
 * is nobody's. Whoever is given one can map memory in all its address spaces, so no machine ever
 * gets another one's.
 */
final class Iommus {
  private final SortedMap<String, Descriptor> open = new TreeMap<>();
  private final Libc libc;
  private final Supervisor keeper;

  Iommus(Libc libc, Supervisor keeper) {
    this.libc = libc;
    this.keeper = keeper;
  }

  /** The one that this device is bound to, or is to be. */
  synchronized Descriptor of(KernelDeviceSettings device) {
    String key = key(device);
    Descriptor known = open.get(key);
    if (known != null) {
      return known;
    }
    Optional<Integer> kept = keeper.take(stored(key));
    long number =
        kept.isPresent() ? kept.get() : libc.open(KernelHost.IOMMU, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (number < 0) {
      throw new DeviceFault(device.name(), new Errno((int) -number), "opening " + KernelHost.IOMMU);
    }
    return put(key, (int) number);
  }

  /** Takes over one that a VMM sent; one of its machine that is here already stays. */
  synchronized Descriptor take(KernelDeviceSettings device, int number) {
    Descriptor known = known(device).orElse(null);
    if (known != null) {
      libc.close(number);
      return known;
    }
    return put(key(device), number);
  }

  /** The one of that device, if there is any here or was any kept. */
  synchronized Optional<Descriptor> known(KernelDeviceSettings device) {
    String key = key(device);
    Descriptor known = open.get(key);
    return known != null
        ? Optional.of(known)
        : keeper.take(stored(key)).map(number -> put(key, number));
  }

  private Descriptor put(String key, int number) {
    Descriptor taken = new Descriptor(libc, number, new Errno(Libc.EBADF));
    open.put(key, taken);
    keeper.store(stored(key), number);
    return taken;
  }

  /** Nobody's device needs it any more. */
  synchronized void drop(KernelDeviceSettings device) {
    Descriptor dropped = open.remove(key(device));
    if (dropped != null) {
      keeper.drop(stored(key(device)));
      dropped.end();
    }
  }

  synchronized void close() {
    open.values().forEach(Descriptor::end);
    open.clear();
  }

  static String key(KernelDeviceSettings device) {
    return device.vm() == null ? "device " + device.name() : "vm " + device.vm();
  }

  /** A machine's name may have anything in it, and the store's names may not. */
  private static String stored(String key) {
    return "iommu." + UUID.nameUUIDFromBytes(key.getBytes(UTF_8));
  }
}
