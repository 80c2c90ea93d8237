package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.os.ForeignProcess;
import io.fermata.agent.os.OsFault;
import io.fermata.agent.os.Supervisor;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The VFIO devices of this host that an agent is told to hold, and how it comes to their
 * descriptors: kept by the service manager while the agent was away, opened, taken out of the
 * process that has them, or sent. A device that cannot be had is reported and stops no other.
 *
 * <p>Whatever number comes in from outside is asked what it is before anything is done with it, and
 * closed if it is not the device's.
 */
public final class KernelHost implements AutoCloseable {
  /** Where every device is bound. */
  static final String IOMMU = "/dev/iommu";

  private final SortedMap<DeviceName, Place> places = new TreeMap<>();
  private final List<Unavailable> twice = new ArrayList<>();
  private final Parts parts;
  private final Iommus iommus;

  /** A device that could not be had, and why. */
  public record Unavailable(DeviceName name, String reason) {}

  /** Where a descriptor goes; both stay ours. */
  public interface Borrower {
    /**
     * Both are open until this returns.
     *
     * @param iommu what the device is bound to, or -1 when the agent does not have it
     */
    void take(int device, int iommu);
  }

  /** What this stands on. */
  record Parts(Libc libc, Sysfs sysfs, OpenFiles files, Supervisor keeper) {}

  private record Place(KernelDeviceSettings settings, HeldDevice device) {}

  private KernelHost(Parts parts) {
    this.parts = parts;
    this.iommus = new Iommus(parts.libc, parts.keeper);
  }

  /** Gets what can be had now. Never fails: see {@link #unavailable}. */
  public static KernelHost open(List<KernelDeviceSettings> settings) {
    return open(settings, new Supervisor(Map.of(), 0));
  }

  /** The same, with descriptors that are kept while the agent is away. */
  public static KernelHost open(List<KernelDeviceSettings> settings, Supervisor keeper) {
    return open(
        settings, new Parts(new NativeLibc(), Sysfs.ofThisHost(), OpenFiles.ofThisHost(), keeper));
  }

  static KernelHost open(List<KernelDeviceSettings> settings, Libc libc, Sysfs sysfs) {
    var keeper = new Supervisor(Map.of(), 0);
    return open(settings, new Parts(libc, sysfs, OpenFiles.ofThisHost(), keeper));
  }

  static KernelHost open(List<KernelDeviceSettings> settings, Parts parts) {
    KernelHost host = new KernelHost(parts);
    for (KernelDeviceSettings each : settings) {
      var place = new Place(each, new HeldDevice(each.name()));
      if (host.places.putIfAbsent(each.name(), place) == null) {
        host.first(place);
      } else {
        host.twice.add(new Unavailable(each.name(), "the name is used twice: " + each.at()));
      }
    }
    return host;
  }

  /** Every device of the settings, also those without a descriptor. */
  public List<DeviceControl> all() {
    return places.values().stream().<DeviceControl>map(Place::device).toList();
  }

  /** The devices that are ours. */
  public List<DeviceControl> devices() {
    return places.values().stream()
        .map(Place::device)
        .filter(device -> device.missing().isEmpty())
        .<DeviceControl>map(device -> device)
        .toList();
  }

  /** The devices that are not. */
  public List<Unavailable> unavailable() {
    List<Unavailable> missing = new ArrayList<>();
    for (Place place : places.values()) {
      HeldDevice device = place.device;
      device.missing().ifPresent(why -> missing.add(new Unavailable(device.name(), why)));
    }
    missing.addAll(twice);
    return missing;
  }

  /**
   * Gets a device's descriptor the way the settings say. Nothing happens if it is here.
   *
   * @throws NotHeld when it cannot be had
   */
  public void hold(DeviceName name) {
    Place place = place(name);
    synchronized (place) {
      if (place.device.missing().isEmpty()) {
        return;
      }
      reporting(
          place,
          () -> {
            switch (place.settings.way()) {
              case OPEN -> openAndBind(place);
              case ADOPT -> adoptFrom(place, pid(place));
              case RECEIVE ->
                  throw new NotHeld(
                      NotHeld.Code.NOT_HELD,
                      name,
                      "its VMM has not sent the descriptor of "
                          + identity(place).directory()
                          + " yet");
            }
          });
    }
  }

  /**
   * Takes a copy of a device's descriptor out of a process. Nothing happens if it is here.
   *
   * @throws NotHeld when it cannot be had
   */
  public void adopt(DeviceName name, int pid) {
    Place place = place(name);
    synchronized (place) {
      if (place.device.missing().isPresent()) {
        reporting(place, () -> adoptFrom(place, pid));
      }
    }
  }

  /**
   * Takes over a device's descriptor that somebody sent; closed at once if one is here already.
   *
   * @param device now this host's, whatever happens
   * @param iommu what it is bound to, now this host's; or null
   * @throws NotHeld when it is not the device's, or is of no use
   */
  public void take(DeviceName name, int device, @Nullable Integer iommu) {
    Place place = places.get(name);
    if (place == null) {
      parts.libc.close(device);
      Optional.ofNullable(iommu).ifPresent(parts.libc::close);
      throw unknown(name);
    }
    synchronized (place) {
      if (place.device.missing().isEmpty()) {
        parts.libc.close(device);
        Optional.ofNullable(iommu).ifPresent(parts.libc::close);
      } else {
        reporting(place, () -> received(place, device, iommu));
      }
    }
  }

  /**
   * Hands a device's descriptor to somebody while it is certain to be open.
   *
   * @throws NotHeld when the agent has none
   */
  public void lend(DeviceName name, Borrower borrower) {
    Place place = place(name);
    synchronized (place) {
      KernelDevice device = held(place);
      Descriptor iommu = iommus.known(place.settings).orElse(null);
      device.lend(number -> {
        if (iommu == null) {
          borrower.take(number, -1);
        } else {
          iommu.call(other -> {
            borrower.take(number, other);
            return 0;
          });
        }
        return 0;
      });
    }
  }

  /**
   * Lets go of a device's descriptor, here and in the store. The kernel resets a device that nobody
   * else holds.
   *
   * @throws NotHeld when the agent has none
   */
  public void release(DeviceName name) {
    Place place = place(name);
    synchronized (place) {
      held(place);
      parts.keeper.drop(stored(name));
      place.device.lacks("let go of on request");
      dropUnused(place.settings);
    }
  }

  /** Lets go of every descriptor of this process. What the store has it keeps. */
  @Override
  public void close() {
    places.values().forEach(place -> place.device.close());
    iommus.close();
  }

  private void first(Place place) {
    try {
      if (!inherited(place)) {
        hold(place.settings.name());
      }
    } catch (NotHeld missing) {
      place.device.lacks(String.valueOf(missing.getMessage()));
    }
  }

  /** What the service manager kept goes first: while that is open nobody can open another one. */
  private boolean inherited(Place place) {
    Optional<Integer> kept = parts.keeper.take(stored(place.settings.name()));
    kept.ifPresent(number -> reporting(place, () -> received(place, number, null)));
    return kept.isPresent();
  }

  private void openAndBind(Place place) {
    KernelDeviceSettings settings = place.settings;
    VfioNode node = parts.sysfs.find(settings);
    place.device.is(node.profile());
    Descriptor iommu = iommus.of(settings);
    try {
      accept(place, KernelDevice.open(settings.name(), parts.libc, node, iommu));
    } catch (DeviceFault fault) {
      dropUnused(settings);
      throw fault;
    }
  }

  /** An address space that no held device is bound to. */
  private void dropUnused(KernelDeviceSettings settings) {
    boolean used =
        places.values().stream()
            .filter(other -> other.device.missing().isEmpty())
            .anyMatch(other -> Iommus.key(other.settings).equals(Iommus.key(settings)));
    if (!used) {
      iommus.drop(settings);
    }
  }

  private void adoptFrom(Place place, int pid) {
    KernelDeviceSettings settings = place.settings;
    DeviceIdentity identity = identity(place);
    try (ForeignProcess process = ForeignProcess.open(pid)) {
      received(place, copied(process, pid, settings, identity), null);
    } catch (OsFault fault) {
      throw fault.errno().equals(Errno.ESRCH)
          ? new NotHeld(NotHeld.Code.NO_SUCH_PROCESS, settings.name(), message(fault))
          : OpenFiles.mayNot(settings, message(fault), pid, fault.errno());
    }
  }

  /**
   * Its open files are listed to root and to its own user only, or with a capability that reads
   * every file there is. Who may do no more than copy tries one number after the other.
   */
  private int copied(
      ForeignProcess process, int pid, KernelDeviceSettings settings, DeviceIdentity identity) {
    try {
      return process.take(parts.files.find(pid, settings, identity));
    } catch (NotHeld barred) {
      if (barred.code() != NotHeld.Code.NOT_PERMITTED) {
        throw barred;
      }
      return copiedBlindly(process, pid, settings, identity, barred);
    }
  }

  private int copiedBlindly(
      ForeignProcess process,
      int pid,
      KernelDeviceSettings settings,
      DeviceIdentity identity,
      NotHeld barred) {
    try {
      return new CopiedFiles(parts.files, parts.libc).find(process, pid, settings, identity);
    } catch (OsFault fault) {
      throw fault.errno().equals(Errno.EPERM) ? barred : fault;
    }
  }

  /** Asks our own number what it is: what was seen in the other process may be closed by now. */
  private void received(Place place, int number, @Nullable Integer iommu) {
    DeviceFile file = DeviceFile.over(place.settings.name(), parts.libc, number);
    Descriptor bound = null;
    try {
      DeviceIdentity identity = identity(place);
      demand(place, parts.files.ours(number).match(identity));
      if (iommu != null && !parts.files.ours(iommu).isIommu(parts.sysfs.iommu())) {
        throw other(place, "what came second is not " + IOMMU);
      }
      bound = iommu == null ? null : iommus.take(place.settings, iommu);
    } catch (IOException e) {
      file.end();
      throw other(place, "descriptor " + number + " cannot be looked at: " + e.getMessage());
    } catch (NotHeld | DeviceFault e) {
      file.end();
      throw e;
    } finally {
      if (iommu != null && bound == null) {
        parts.libc.close(iommu);
      }
    }
    accept(place, KernelDevice.over(file, parts.libc, place.device.profile(), bound));
  }

  private void demand(Place place, OpenFile.Match match) {
    switch (match) {
      case SAME -> {}
      case OTHER -> throw other(place, "the descriptor is not one of " + place.settings.at());
      case UNTOLD -> {
        // Of a group's device older kernels tell nothing. Whoever may use the socket is believed,
        // but nothing is taken out of a process on a guess.
        if (place.settings.way() != Way.RECEIVE) {
          throw new NotHeld(
              NotHeld.Code.UNTOLD,
              place.settings.name(),
              "this kernel does not say which device of a group the descriptor is one of");
        }
      }
    }
  }

  private static NotHeld other(Place place, String why) {
    return new NotHeld(NotHeld.Code.OTHER_DEVICE, place.settings.name(), why);
  }

  private void accept(Place place, KernelDevice device) {
    place.device.holds(device);
    device.lend(number -> {
      parts.keeper.store(stored(place.settings.name()), number);
      return 0;
    });
  }

  private DeviceIdentity identity(Place place) {
    DeviceIdentity identity = parts.sysfs.identify(place.settings);
    place.device.is(identity.profile());
    return identity;
  }

  private int pid(Place place) {
    KernelDeviceSettings settings = place.settings;
    DeviceIdentity identity = identity(place);
    if (settings.pidFile() != null) {
      return pidIn(settings);
    }
    List<Integer> holders = parts.files.holders(identity);
    if (holders.size() == 1) {
      return holders.getFirst();
    }
    throw new NotHeld(
        NotHeld.Code.NOT_THERE,
        settings.name(),
        holders.isEmpty()
            ? "no process that the agent may look into has " + settings.at() + " open"
            : "several processes have " + settings.at() + " open, name one: " + holders);
  }

  private static int pidIn(KernelDeviceSettings settings) {
    var file = Objects.requireNonNull(settings.pidFile());
    try {
      return Integer.parseInt(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      throw new NotHeld(
          NotHeld.Code.NO_SUCH_PROCESS, settings.name(), "no process number in " + file);
    }
  }

  /** Whatever went wrong is also the reason that the device shows from now on. */
  private static void reporting(Place place, Runnable attempt) {
    try {
      attempt.run();
    } catch (NotHeld missing) {
      place.device.lacks(message(missing));
      throw missing;
    } catch (DeviceFault fault) {
      NotHeld missing = NotHeld.because(fault);
      place.device.lacks(message(missing));
      throw missing;
    }
  }

  private static String message(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  private static KernelDevice held(Place place) {
    return place
        .device
        .held()
        .orElseThrow(
            () -> new NotHeld(NotHeld.Code.NOT_HELD, place.settings.name(), "no descriptor here"));
  }

  private Place place(DeviceName name) {
    Place place = places.get(name);
    if (place == null) {
      throw unknown(name);
    }
    return place;
  }

  private static NotHeld unknown(DeviceName name) {
    return new NotHeld(NotHeld.Code.UNKNOWN_DEVICE, name, "the settings name no such device");
  }

  /** The store's names may not have a colon in them. */
  private static String stored(DeviceName name) {
    return "device." + name.value().replace(':', '+');
  }
}
