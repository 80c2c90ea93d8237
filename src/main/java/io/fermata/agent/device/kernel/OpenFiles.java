package io.fermata.agent.device.kernel;

import io.fermata.agent.device.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which device an open file belongs to, as the kernel shows it under {@code /proc}. A device file
 * is known by its number (st_rdev), not by the path that it was opened by. One that was got from a
 * group has neither: newer kernels name its device beside it, older ones do not, and then it is
 * nobody's, whatever is claimed.
 *
 * @param proc where procfs is mounted
 */
record OpenFiles(Path proc) {
  private static final String FROM_A_GROUP = "anon_inode:[vfio-device]";
  private static final String SYSFS_PATH = "vfio-device-syspath:";
  private static final int TYPE = 0xf000;
  private static final int CHARACTER_DEVICE = 0x2000;

  /** The places of a Linux host. */
  static OpenFiles ofThisHost() {
    return new OpenFiles(Path.of("/proc"));
  }

  /** What an open file is to a device. */
  enum Match {
    SAME,
    OTHER,
    /** A device's, and the kernel does not say of which. */
    UNTOLD
  }

  /** One of this process's own. */
  Match ofOurs(int number, DeviceIdentity device) throws IOException {
    return match(proc.resolve("self"), number, device);
  }

  /** Whether one of this process's own is {@code /dev/iommu}. */
  boolean isIommu(int number) throws IOException {
    return link(proc.resolve("self"), number).equals(KernelHost.IOMMU);
  }

  /**
   * The first of a process's that is the device's.
   *
   * @throws NotHeld with the reason when there is none
   */
  int find(int pid, KernelDeviceSettings settings, DeviceIdentity device) {
    Path process = proc.resolve(Integer.toString(pid));
    boolean untold = false;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path entry : entries) {
        OptionalInt number = number(entry);
        Match match = number.isEmpty() ? Match.OTHER : look(process, number.getAsInt(), device);
        if (match == Match.SAME) {
          return number.getAsInt();
        }
        untold |= match == Match.UNTOLD;
      }
    } catch (AccessDeniedException e) {
      throw mayNot(settings, "looking into " + process.resolve("fd"), pid, Errno.EACCES);
    } catch (NoSuchFileException e) {
      throw new NotHeld(
          NotHeld.Code.NO_SUCH_PROCESS, settings.name(), "there is no process " + pid);
    } catch (IOException e) {
      throw new NotHeld(NotHeld.Code.NOT_PERMITTED, settings.name(), "looking into " + process);
    }
    throw notThere(settings, pid, untold);
  }

  private static NotHeld notThere(KernelDeviceSettings settings, int pid, boolean untold) {
    String who = "process " + pid + " ";
    return untold
        ? new NotHeld(
            NotHeld.Code.UNTOLD,
            settings.name(),
            who
                + "has devices of a group open and this kernel does not say which: have it send the"
                + " descriptor (hold: receive)")
        : new NotHeld(
            NotHeld.Code.NOT_THERE,
            settings.name(),
            who + "does not have " + settings.at() + " open");
  }

  /** The same reason for whoever is not let in, with what would help. */
  static NotHeld mayNot(KernelDeviceSettings settings, String attempted, int pid, Errno errno) {
    return new NotHeld(
        NotHeld.Code.NOT_PERMITTED,
        settings.name(),
        attempted
            + " (process "
            + pid
            + "): "
            + errno
            + "; the agent needs CAP_SYS_PTRACE for that (systemd/adopt.conf), or that process"
            + " sends the descriptor itself (hold: receive)");
  }

  /**
   * Processes that have the device open, of those that may be looked into; this one is left out.
   */
  List<Integer> holders(DeviceIdentity device) {
    List<Integer> holders = new ArrayList<>();
    long self = ProcessHandle.current().pid();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        OptionalInt pid = number(process);
        if (pid.isPresent() && pid.getAsInt() != self && has(process, device)) {
          holders.add(pid.getAsInt());
        }
      }
    } catch (IOException gone) {
      return holders; // what was seen until then
    }
    holders.sort(null);
    return holders;
  }

  private boolean has(Path process, DeviceIdentity device) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path entry : entries) {
        OptionalInt number = number(entry);
        if (number.isPresent() && look(process, number.getAsInt(), device) == Match.SAME) {
          return true;
        }
      }
      return false;
    } catch (IOException hidden) {
      return false;
    }
  }

  /** A file that is closed while it is looked at is no match; one that is barred is no answer. */
  private static Match look(Path process, int number, DeviceIdentity device)
      throws AccessDeniedException {
    try {
      return match(process, number, device);
    } catch (AccessDeniedException barred) {
      throw barred;
    } catch (IOException closed) {
      return Match.OTHER;
    }
  }

  private static Match match(Path process, int number, DeviceIdentity device) throws IOException {
    if (link(process, number).equals(FROM_A_GROUP)) {
      return fromAGroup(process, number, device);
    }
    Path file = process.resolve("fd").resolve(Integer.toString(number));
    int mode = (Integer) Files.getAttribute(file, "unix:mode");
    boolean isDevice = (mode & TYPE) == CHARACTER_DEVICE;
    return isDevice && node((Long) Files.getAttribute(file, "unix:rdev")).equals(device.node())
        ? Match.SAME
        : Match.OTHER;
  }

  private static Match fromAGroup(Path process, int number, DeviceIdentity device)
      throws IOException {
    Path about = process.resolve("fdinfo").resolve(Integer.toString(number));
    for (String line : Files.readAllLines(about)) {
      if (line.startsWith(SYSFS_PATH)) {
        Path told = Path.of(line.substring(SYSFS_PATH.length()).strip());
        return told.equals(device.directory()) ? Match.SAME : Match.OTHER;
      }
    }
    return Match.UNTOLD;
  }

  private static String link(Path process, int number) throws IOException {
    Path file = process.resolve("fd").resolve(Integer.toString(number));
    return Files.readSymbolicLink(file).toString();
  }

  /** As sysfs writes it. */
  private static String node(long device) {
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
    long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
    return major + ":" + (minor & 0xffffffffL);
  }

  private static OptionalInt number(Path entry) {
    String name = entry.getFileName().toString();
    return name.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(name))
        : OptionalInt.empty();
  }
}
