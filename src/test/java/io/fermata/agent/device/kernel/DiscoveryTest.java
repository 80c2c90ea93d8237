package io.fermata.agent.device.kernel;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.kernel.Discovery.Asking;
import io.fermata.agent.device.kernel.Discovery.Finding;
import io.fermata.agent.device.kernel.Discovery.Holder;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host is looked over; what is held is left alone. */
class DiscoveryTest {
  private static final int ALL = 7;
  private static final long SELF = 900;

  @TempDir Path below;

  private final FakeKernel kernel = new FakeKernel();
  private MadeHost host;

  @BeforeEach
  void aHostWithOneFunctionHeldByAVirtualMachine() throws IOException {
    host = new MadeHost(below.toRealPath());
    for (int i = 0; i < 4; i++) {
      kernel.device("/dev/vfio/devices/vfio" + i, ALL);
    }
    host.process(1, "systemd", "/dev/null");
    host.process(4711, "qemu-system-x86", "/dev/kvm", "/dev/vfio/devices/vfio1");
  }

  private Map<String, Finding> found(Asking asking, KernelDeviceSettings... named) {
    return new Discovery(kernel, host.sysfs(), new OpenFiles(host.proc), SELF)
        .find(List.of(named), asking).stream().collect(toMap(f -> f.device().address(), f -> f));
  }

  private static KernelDeviceSettings named(String name, String at) {
    return new KernelDeviceSettings(new DeviceName(name), at);
  }

  @Test
  void functionsAndMediatedDevicesAreListedAndWhatVfioHasNoBusinessWithIsNot() {
    assertEquals(
        Set.of(
            MadeHost.FREE_VF,
            MadeHost.HELD_VF,
            MadeHost.VF_OF_THE_KERNEL,
            MadeHost.VF_WITHOUT_DRIVER,
            MadeHost.DISK_VF,
            MadeHost.GPU_MDEV,
            MadeHost.SAMPLE_MDEV),
        found(Asking.NOBODY).keySet());
  }

  @Test
  void whatTheSettingsNameIsListedWhateverDrivesIt() {
    Finding disk = found(Asking.NOBODY, named("nvme0", MadeHost.DISK)).get(MadeHost.DISK);
    assertEquals(new DeviceName("nvme0"), disk.name());
    assertEquals("bound to nvme, which is no VFIO driver", disk.obstacle());
  }

  @Test
  void placeAndKinshipOfADeviceAreRead() {
    var found = found(Asking.NOBODY);
    HostDevice function = found.get(MadeHost.FREE_VF).device();
    assertEquals("mlx5_vfio_pci/15b3:101e", function.profile().key());
    assertEquals(MadeHost.NIC, function.profile().parent());
    assertEquals("vfio0", function.node());
    assertEquals("17", function.group());
    assertEquals(List.of(), function.groupPeers());
    assertEquals(0, function.numaNode());
    assertEquals(
        List.of(MadeHost.VF_OF_THE_KERNEL), found.get(MadeHost.HELD_VF).device().groupPeers());
    assertNull(found.get(MadeHost.DISK_VF).device().numaNode(), "the kernel says -1");
    HostDevice mediated = found.get(MadeHost.GPU_MDEV).device();
    assertEquals(MadeHost.GPU, mediated.profile().parent());
    assertEquals(1, mediated.numaNode(), "that of the GPU it is cut from");
    assertNull(found.get(MadeHost.SAMPLE_MDEV).device().numaNode());
    assertNull(found.get(MadeHost.SAMPLE_MDEV).device().group());
  }

  @Test
  void aFreeDeviceIsAskedAndLetGoAsItWas() {
    kernel.devices.get("/dev/vfio/devices/vfio3").state = DeviceState.RUNNING;
    Discovery.Offer offer =
        Objects.requireNonNull(found(Asking.FREE_DEVICES).get(MadeHost.FREE_VF).offer());
    assertEquals(
        Set.of(Capability.STOP_COPY, Capability.P2P, Capability.PRE_COPY, Capability.DMA_LOGGING),
        offer.capabilities().offered());
    assertEquals(DeviceState.RUNNING, offer.state());
    assertEquals(8, offer.dataSize());
    assertEquals(0, kernel.moves);
    assertTrue(kernel.open.isEmpty(), () -> "left open: " + kernel.open);
    assertEquals(List.of(), kernel.onClosedNumbers);
  }

  @Test
  void aDeviceThatSomebodyHoldsIsNotOpenedAndItsHolderIsNamed() {
    kernel.refused.put("/dev/vfio/devices/vfio1", 999); // whoever opens it would say so
    Finding held = found(Asking.FREE_DEVICES).get(MadeHost.HELD_VF);
    assertEquals(List.of(new Holder(4711, "qemu-system-x86")), held.holders());
    assertEquals("held by qemu-system-x86 (pid 4711)", held.obstacle());
    assertNull(held.offer());
  }

  @Test
  void whoHoldsAGroupHoldsItsDevices() throws IOException {
    host.process(4712, "cloud-hypervisor", "/dev/vfio/vfio", "/dev/vfio/40");
    assertEquals(
        List.of(new Holder(4712, "cloud-hypervisor")),
        found(Asking.FREE_DEVICES).get(MadeHost.DISK_VF).holders());
  }

  @Test
  void aDescriptorThatAGroupGaveOutIsToldByNewerKernels() throws IOException {
    host.process(4713, "qemu-kvm", "anon_inode:[vfio-device]");
    host.tellsDeviceOf(4713, MadeHost.FREE_VF);
    assertEquals(
        "held by qemu-kvm (pid 4713)", found(Asking.FREE_DEVICES).get(MadeHost.FREE_VF).obstacle());
  }

  @Test
  void aDeviceFileThatWasMadeElsewhereIsKnownByItsNumber() throws IOException {
    host.number(MadeHost.FREE_VF, "1:7");
    host.process(4714, "jailed", "/dev/full"); // as a jail's own /dev has it, under another name
    assertEquals(
        "held by jailed (pid 4714)", found(Asking.NOBODY).get(MadeHost.FREE_VF).obstacle());
  }

  @Test
  void thisProcessIsNobodyElse() throws IOException {
    host.process((int) SELF, "java", "/dev/vfio/devices/vfio0");
    assertEquals(List.of(), found(Asking.NOBODY).get(MadeHost.FREE_VF).holders());
  }

  @Test
  void aDeviceThatIsHeldUnseenSaysSoAndKeepsItsOwner() {
    int iommu = (int) kernel.open("/dev/iommu", Libc.O_RDWR | Libc.O_CLOEXEC);
    Descriptor owner = new Descriptor(kernel, iommu, new io.fermata.agent.device.Errno(9));
    DeviceFile unseen = DeviceFile.open(new DeviceName("x"), kernel, "/dev/vfio/devices/vfio0");
    unseen.bind(owner);
    unseen.move(DeviceState.RUNNING_P2P);
    String obstacle = found(Asking.FREE_DEVICES).get(MadeHost.FREE_VF).obstacle();
    assertTrue(Objects.requireNonNull(obstacle).contains("another program holds it"), obstacle);
    assertEquals(DeviceState.RUNNING_P2P, unseen.state());
  }

  @Test
  void whyADeviceCannotMoveIsSaid() {
    kernel.devices.put("/dev/vfio/devices/vfio0", new FakeKernel.Device(0));
    kernel.devices.put("/dev/vfio/devices/vfio2", new FakeKernel.Device(1));
    kernel.refused.put("/dev/vfio/devices/vfio3", 13);
    var found = found(Asking.FREE_DEVICES);
    assertEquals(
        "its driver mlx5_vfio_pci offers no migration: ENOTTY(25)",
        found.get(MadeHost.FREE_VF).obstacle());
    assertEquals(
        "its driver offers no P2P: it cannot wait for its peers, and moves only alone",
        found.get(MadeHost.GPU_MDEV).obstacle());
    assertEquals(
        MadeHost.SAMPLE_MDEV + ": opening /dev/vfio/devices/vfio3: EACCES(13)",
        found.get(MadeHost.SAMPLE_MDEV).obstacle());
    assertEquals(
        "bound to mlx5_core, which is no VFIO driver",
        found.get(MadeHost.VF_OF_THE_KERNEL).obstacle());
    assertEquals("bound to no driver", found.get(MadeHost.VF_WITHOUT_DRIVER).obstacle());
    assertTrue(
        Objects.requireNonNull(found.get(MadeHost.DISK_VF).obstacle())
            .startsWith("no device file: the kernel lacks CONFIG_VFIO_DEVICE_CDEV"));
  }

  @Test
  void whereThereIsNoVfioNothingIsFound() {
    Path no = below.resolve("no");
    var empty = new Discovery(kernel, new Sysfs(no, below), new OpenFiles(no), SELF);
    assertEquals(List.of(), empty.find(List.of(), Asking.FREE_DEVICES));
    assertFalse(found(Asking.NOBODY).isEmpty());
  }
}
