package io.fermata.agent.device.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One open file of a process, as the kernel shows it under {@code /proc}.
 *
 * @param number the process's descriptor
 * @param target what it was opened as: a path as far as there is one, or the kind of thing it is
 * @param node the number of the device file that it is, as {@code major:minor}; null for any other
 * @param told the directory in sysfs that the kernel names beside it; null when it names none
 */
record OpenFile(int number, String target, @Nullable String node, @Nullable Path told) {
  private static final String FROM_A_GROUP = "anon_inode:[vfio-device]";
  private static final String SYSFS_PATH = "vfio-device-syspath:";
  private static final String DEVICES = "/dev/";
  private static final Pattern OF_DEAD_MOUNTS =
      Pattern.compile("/iommu|(/vfio)?/devices/[a-z0-9-]+");
  private static final String GROUPS = "/dev/vfio/";
  private static final int TYPE = 0xf000;
  private static final int CHARACTER_DEVICE = 0x2000;

  /** What an open file is to a device. */
  enum Match {
    SAME,
    OTHER,
    /** A device's, and the kernel does not say of which. */
    UNTOLD
  }

  /**
   * Looks at one. Only what may be a device file by its path is asked for its number: that of a
   * file on a share whose server has gone would never be answered. Such a path lies below a {@code
   * /dev/}, as long as the mounts live that the file was opened by. A service under systemd has
   * mounts of its own, which die with it; to its next life the kernel shows what systemd kept by
   * its path in the file system that {@code /dev} or a part of it was.
   *
   * @param process the process's directory
   * @throws IOException when it was closed meanwhile, or may not be looked at
   */
  static OpenFile of(Path process, int number) throws IOException {
    Path file = process.resolve("fd").resolve(Integer.toString(number));
    String target = Files.readSymbolicLink(file).toString();
    if (target.equals(FROM_A_GROUP)) {
      return new OpenFile(number, target, null, told(process, number));
    }
    boolean may = target.contains(DEVICES) || OF_DEAD_MOUNTS.matcher(target).matches();
    String node = may ? node(file) : null;
    return new OpenFile(number, target, node, null);
  }

  /**
   * Whether it is one of that device. A device file is known by its number (st_rdev), not by the
   * path that it was opened by. One that was got from a group has neither: newer kernels name its
   * device beside it, older ones do not, and then it is nobody's, whatever is claimed.
   */
  Match match(DeviceIdentity device) {
    if (!target.equals(FROM_A_GROUP)) {
      return node != null && node.equals(device.node()) ? Match.SAME : Match.OTHER;
    }
    if (told == null) {
      return Match.UNTOLD;
    }
    return told.equals(device.directory()) ? Match.SAME : Match.OTHER;
  }

  /** Whether it is that IOMMU group, whoever has which keeps all others from its devices. */
  boolean isGroup(String group) {
    return target.endsWith(GROUPS + group);
  }

  /**
   * Whether it is the device file of all IOMMUs. Known by its number, as devices are: one that a
   * process with mounts of its own has opened may have another path here.
   *
   * @param iommu the number of that file; empty where sysfs does not tell
   */
  boolean isIommu(Optional<String> iommu) {
    return iommu.isPresent()
        ? node != null && node.equals(iommu.get())
        : target.equals(KernelHost.IOMMU);
  }

  private static @Nullable Path told(Path process, int number) throws IOException {
    Path about = process.resolve("fdinfo").resolve(Integer.toString(number));
    for (String line : Files.readAllLines(about)) {
      if (line.startsWith(SYSFS_PATH)) {
        return Path.of(line.substring(SYSFS_PATH.length()).strip());
      }
    }
    return null;
  }

  /** As sysfs writes it. */
  private static @Nullable String node(Path file) throws IOException {
    long device;
    try {
      int mode = (Integer) Files.getAttribute(file, "unix:mode");
      if ((mode & TYPE) != CHARACTER_DEVICE) {
        return null;
      }
      device = (Long) Files.getAttribute(file, "unix:rdev");
    } catch (NoSuchFileException closed) {
      return null; // what it was is known
    }
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
    long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
    return major + ":" + (minor & 0xffffffffL);
  }
}
