package io.fermata.agent.device.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.kernel.KernelHost.Unavailable;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices found through a directory that looks like sysfs. */
class KernelHostTest {
  private static final String UUID = "5b1c2a00-0000-4000-8000-00000000000a";
  private static final Path DEVICES = Path.of("/dev/vfio/devices");

  @TempDir Path sys;

  private final FakeKernel kernel = new FakeKernel();

  @BeforeEach
  void aMediatedDeviceAVirtualFunctionAndADeviceWithoutVfio() throws IOException {
    Path mediated = Files.createDirectories(sys.resolve("devices/virtual/mtty/mtty/" + UUID));
    Files.createDirectories(mediated.resolve("vfio-dev/vfio0"));
    link(mediated.resolve("driver"), "bus/mdev/drivers/mtty");
    link(mediated.resolve("mdev_type"), "devices/virtual/mtty/mtty/mdev_supported_types/mtty-2");
    link(sys.resolve("bus/mdev/devices/" + UUID), "devices/virtual/mtty/mtty/" + UUID);
    link(sys.resolve("class/vfio-dev/vfio0/device"), "devices/virtual/mtty/mtty/" + UUID);

    Path function = Files.createDirectories(sys.resolve("devices/pci0000:00/0000:06:0d.0"));
    Files.createDirectories(function.resolve("vfio-dev/vfio1"));
    Files.writeString(function.resolve("vendor"), "0x15b3\n");
    Files.writeString(function.resolve("device"), "0x101e\n");
    link(function.resolve("driver"), "bus/pci/drivers/mlx5_vfio_pci");
    link(function.resolve("physfn"), "devices/pci0000:00/0000:06:00.0");
    link(sys.resolve("bus/pci/devices/0000:06:0d.0"), "devices/pci0000:00/0000:06:0d.0");

    Files.createDirectories(sys.resolve("bus/pci/devices/0000:07:00.0"));
    kernel.device("/dev/vfio/devices/vfio0", 7);
    kernel.device("/dev/vfio/devices/vfio1", 3);
  }

  private void link(Path link, String target) throws IOException {
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Files.createDirectories(sys.resolve(target)));
  }

  @Test
  void aMediatedDeviceIsFoundByUuidByDirectoryAndByDeviceFile() {
    DeviceProfile expected = new DeviceProfile("vfio", "mtty", "mtty-2", null);
    for (String at :
        List.of(UUID, UUID.toUpperCase(java.util.Locale.ROOT), "/dev/vfio/devices/vfio0")) {
      assertEquals(expected, profileOf(at), at);
    }
    assertEquals(expected, profileOf(sys.resolve("bus/mdev/devices/" + UUID).toString()));
  }

  @Test
  void aVirtualFunctionKnowsItsModelAndItsPhysicalFunction() {
    assertEquals(
        new DeviceProfile("vfio", "mlx5_vfio_pci", "15b3:101e", "0000:06:00.0"),
        profileOf("0000:06:0d.0"));
  }

  @Test
  void aMediatedDeviceCutFromAPciDeviceHasItAsParent() throws IOException {
    Files.writeString(sys.resolve("devices/virtual/mtty/mtty/vendor"), "0x10de\n");
    assertEquals("mtty", profileOf(UUID).parent());
  }

  private DeviceProfile profileOf(String at) {
    try (KernelHost host = host(at)) {
      assertEquals(List.of(), host.unavailable());
      return host.devices().getFirst().profile();
    }
  }

  @Test
  void whatCannotBeOpenedIsReportedAndStopsNoOther() {
    kernel.refused.put("/dev/vfio/devices/vfio1", 16);
    try (KernelHost host =
        host("0000:06:0d.0", "0000:07:00.0", "0000:08:00.0", UUID, "/dev/vfio/devices/vfio0")) {
      assertEquals(List.of("d3"), names(host.devices()));
      Path pci = sys.resolve("bus/pci/devices");
      assertEquals(
          List.of(
              new Unavailable(
                  new DeviceName("d0"), "d0: opening /dev/vfio/devices/vfio1: EBUSY(16)"),
              new Unavailable(
                  new DeviceName("d1"),
                  "d1: looking at "
                      + pci.resolve("0000:07:00.0/vfio-dev")
                      + ": the device is bound to no VFIO driver, or the kernel lacks"
                      + " CONFIG_VFIO_DEVICE_CDEV: ENODEV(19)"),
              new Unavailable(
                  new DeviceName("d2"),
                  "d2: looking at "
                      + pci.resolve("0000:08:00.0")
                      + ": there is no such device: ENODEV(19)"),
              new Unavailable(
                  new DeviceName("d4"),
                  "d4: binding to /dev/iommu (EINVAL: another program holds it): EINVAL(22)")),
          host.unavailable());
    }
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void withoutIommufdEveryDeviceSaysWhy() {
    kernel.refused.put("/dev/iommu", 2);
    try (KernelHost host = host(UUID, "0000:06:0d.0")) {
      assertEquals(List.of(), host.devices());
      assertEquals(
          List.of("d0: opening /dev/iommu: ENOENT(2)", "d1: opening /dev/iommu: ENOENT(2)"),
          host.unavailable().stream().map(Unavailable::reason).toList());
    }
  }

  @Test
  void aNameIsGivenOnce() {
    KernelDeviceSettings one = new KernelDeviceSettings(new DeviceName("same"), UUID);
    KernelDeviceSettings two = new KernelDeviceSettings(new DeviceName("same"), "0000:06:0d.0");
    try (KernelHost host = KernelHost.open(List.of(one, two), kernel, new Sysfs(sys, DEVICES))) {
      assertEquals(1, host.devices().size());
      assertEquals("the name is used twice: 0000:06:0d.0", host.unavailable().getFirst().reason());
    }
  }

  @Test
  void thisMachineCanBeAskedWhateverItHas() {
    KernelDeviceSettings absent =
        new KernelDeviceSettings(new DeviceName("absent"), "ffff:ff:1f.7");
    try (KernelHost host = KernelHost.open(List.of(absent))) {
      assertEquals(1, host.unavailable().size());
    }
    try (KernelHost host = KernelHost.open(List.of())) {
      assertEquals(List.of(), host.devices());
    }
  }

  @Test
  void aPlaceThatIsNoneOfTheFourIsRefused() {
    for (String at : List.of("", "vfio0", "06:0d.0", "../x", UUID + "0")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new KernelDeviceSettings(new DeviceName("d"), at),
          at);
    }
  }

  private KernelHost host(String... places) {
    List<KernelDeviceSettings> settings =
        Stream.iterate(0, i -> i < places.length, i -> i + 1)
            .map(i -> new KernelDeviceSettings(new DeviceName("d" + i), places[i]))
            .toList();
    return KernelHost.open(settings, kernel, new Sysfs(sys, DEVICES));
  }

  private static List<String> names(List<DeviceControl> devices) {
    return devices.stream().map(device -> device.name().value()).toList();
  }
}
