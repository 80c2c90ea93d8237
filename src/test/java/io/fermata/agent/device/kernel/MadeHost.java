package io.fermata.agent.device.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A host as {@code /sys} and {@code /proc} would show it, in a directory: two sockets, a NIC with
 * four virtual functions, an NVMe disk with one, a mediated device cut from a GPU, and one of the
 * kernel's samples.
 */
final class MadeHost {
  static final String NIC = "0000:06:00.0";
  static final String FREE_VF = "0000:06:00.2";
  static final String HELD_VF = "0000:06:00.3";
  static final String VF_OF_THE_KERNEL = "0000:06:00.4";
  static final String VF_WITHOUT_DRIVER = "0000:06:00.5";
  static final String DISK = "0000:41:00.0";
  static final String DISK_VF = "0000:41:00.1";
  static final String GPU = "0000:81:00.0";
  static final String GPU_MDEV = "aa1f0000-0000-4000-8000-000000000001";
  static final String SAMPLE_MDEV = "bb2f0000-0000-4000-8000-000000000002";

  final Path sys;
  final Path proc;

  MadeHost(Path below) throws IOException {
    this.sys = Files.createDirectories(below.resolve("sys"));
    this.proc = Files.createDirectories(below.resolve("proc"));
    function(NIC, "15b3:101d", "mlx5_core", 0);
    function(FREE_VF, "15b3:101e", "mlx5_vfio_pci", 0);
    function(HELD_VF, "15b3:101e", "mlx5_vfio_pci", 0);
    function(VF_OF_THE_KERNEL, "15b3:101e", "mlx5_core", 0);
    function(VF_WITHOUT_DRIVER, "15b3:101e", null, 0);
    for (String each : new String[] {FREE_VF, HELD_VF, VF_OF_THE_KERNEL, VF_WITHOUT_DRIVER}) {
      link(pci(each).resolve("physfn"), pci(NIC));
    }
    function(DISK, "144d:a80a", "nvme", -1);
    function(DISK_VF, "144d:a80a", "vfio-pci", -1);
    link(pci(DISK_VF).resolve("physfn"), pci(DISK));
    function(GPU, "10de:2330", "nvidia", 1);
    mediated(GPU_MDEV, pci(GPU), "nvidia-vgpu-vfio", "nvidia-1001");
    mediated(SAMPLE_MDEV, sys.resolve("devices/virtual/mtty/mtty"), "mtty", "mtty-1");
    group("17", FREE_VF);
    group("18", HELD_VF, VF_OF_THE_KERNEL);
    group("40", DISK_VF);
    cdev(pci(FREE_VF), "vfio0");
    cdev(pci(HELD_VF), "vfio1");
    cdev(pci(GPU).resolve(GPU_MDEV), "vfio2");
    cdev(sys.resolve("devices/virtual/mtty/mtty").resolve(SAMPLE_MDEV), "vfio3");
  }

  Sysfs sysfs() {
    return new Sysfs(sys, Path.of("/dev/vfio/devices"));
  }

  /** A process with these files open, numbered from 3. */
  void process(int pid, String command, String... open) throws IOException {
    Path process = Files.createDirectories(proc.resolve("" + pid));
    Files.createDirectories(process.resolve("fd"));
    Files.writeString(process.resolve("comm"), command + "\n");
    for (int i = 0; i < open.length; i++) {
      Files.createSymbolicLink(process.resolve("fd/" + (i + 3)), Path.of(open[i]));
    }
  }

  /** What newer kernels say of the first descriptor of that process. */
  void tellsDeviceOf(int pid, String address) throws IOException {
    Path info = Files.createDirectories(proc.resolve(pid + "/fdinfo")).resolve("3");
    String path = "/sys/" + sys.relativize(pci(address));
    Files.writeString(info, "pos:\t0\nflags:\t02000002\nvfio-device-syspath: " + path + "\n");
  }

  /** Gives the device file of a function a number, as {@code major:minor}. */
  void number(String address, String number) throws IOException {
    Path file = Sysfs.entries(pci(address).resolve("vfio-dev")).getFirst();
    Files.writeString(file.resolve("dev"), number + "\n");
  }

  Path pci(String address) {
    return sys.resolve("devices/pci" + address.substring(0, 7)).resolve(address);
  }

  private void function(String address, String model, String driver, int numa) throws IOException {
    Path directory = Files.createDirectories(pci(address));
    String[] ids = model.toLowerCase(Locale.ROOT).split(":");
    Files.writeString(directory.resolve("vendor"), "0x" + ids[0] + "\n");
    Files.writeString(directory.resolve("device"), "0x" + ids[1] + "\n");
    Files.writeString(directory.resolve("numa_node"), numa + "\n");
    link(sys.resolve("bus/pci/devices").resolve(address), directory);
    if (driver != null) {
      link(directory.resolve("driver"), sys.resolve("bus/pci/drivers").resolve(driver));
    }
  }

  private void mediated(String uuid, Path parent, String driver, String type) throws IOException {
    Path directory = Files.createDirectories(parent.resolve(uuid));
    link(directory.resolve("driver"), sys.resolve("bus/mdev/drivers").resolve(driver));
    link(directory.resolve("mdev_type"), parent.resolve("mdev_supported_types").resolve(type));
    link(sys.resolve("bus/mdev/devices").resolve(uuid), directory);
  }

  private void group(String number, String... members) throws IOException {
    Path group = sys.resolve("kernel/iommu_groups").resolve(number);
    for (String member : members) {
      link(pci(member).resolve("iommu_group"), group);
      link(group.resolve("devices").resolve(member), pci(member));
    }
  }

  private void cdev(Path directory, String node) throws IOException {
    Files.createDirectories(directory.resolve("vfio-dev").resolve(node));
    link(sys.resolve("class/vfio-dev").resolve(node).resolve("device"), directory);
  }

  private static void link(Path link, Path target) throws IOException {
    Files.createDirectories(link.getParent());
    Files.createDirectories(target);
    Files.createSymbolicLink(link, target);
  }
}
