package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.kernel.Discovery;
import io.fermata.agent.device.kernel.HostDevice;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.wire.AgentStatus;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an operator reads of a host's devices. */
class ListingTableTest {
  private static final String PF = "0000:06:00.0";
  private static final String UUID = "aa1f0000-0000-4000-8000-000000000001";
  private static final Capabilities ALL =
      Capabilities.of(
          Capability.STOP_COPY, Capability.P2P, Capability.PRE_COPY, Capability.DMA_LOGGING);

  private static HostDevice device(String address, String driver, String... groupPeers) {
    return new HostDevice(
        address,
        Path.of("/sys/devices", address),
        new DeviceProfile("vfio", driver, "15b3:101e", address.equals(UUID) ? null : PF),
        "vfio0",
        "18",
        List.of(groupPeers),
        address.equals(UUID) ? null : 1);
  }

  private static Discovery.Finding finding(
      @Nullable String name, HostDevice device, Discovery.@Nullable Offer offer, String obstacle) {
    DeviceName named = name == null ? null : new DeviceName(name);
    return new Discovery.Finding(named, device, List.of(), offer, obstacle);
  }

  private static String text(List<DeviceListing> devices) {
    String text = ListingTable.of(new HostName("host-a"), devices);
    text.lines().forEach(line -> assertTrue(line.length() <= 100, line.length() + ": " + line));
    return text;
  }

  private static AgentStatus status(AgentStatus.Device device, AgentStatus.Unavailable missing) {
    return new AgentStatus(
        new HostName("host-a"),
        "host-a-1",
        "1",
        List.of(1),
        "slate",
        null,
        0,
        "127.0.0.1:1",
        List.of(device),
        List.of(missing),
        List.of(),
        0,
        null);
  }

  @Test
  void whereADeviceIsWhatItOffersAndWhyItCannotBeMoved() {
    var offer = new Discovery.Offer(ALL, DeviceState.RUNNING, 1_288_490_189L);
    var found =
        List.of(
            finding(
                "gpu0",
                device("0000:06:00.2", "nvgrace_gpu_vfio_pci", "0000:06:00.3"),
                offer,
                null),
            finding(null, device(UUID, "mtty"), null, "held by qemu-system-x86 (pid 4711)"));
    var entry = new DeviceEntryOf("gpu0", "0000:06:00.2").ownedBy("vm-llm-42");
    assertEquals(
        """
host host-a, 2 devices
DEVICE         AT                                   DRIVER               GROUP NUMA FUNCTION OF
               OFFERS                               STATE              SIZE  MACHINE
gpu0           0000:06:00.2                         nvgrace_gpu_vfio_pci    18    1 0000:06:00.0
               stop_copy,p2p,pre_copy,dma_logging   RUNNING         1.2 GiB  vm-llm-42
               shares its group, and so its owner, with 0000:06:00.3
-              aa1f0000-0000-4000-8000-000000000001 mtty                    18    - -
               cannot be moved: held by qemu-system-x86 (pid 4711)
""",
        text(DeviceListing.of(List.of(entry), found)));
  }

  @Test
  void anAgentThatServesTellsItsOwnFirstAndThenWhatTheHostHasBesides() {
    var device =
        new AgentStatus.Device(
            new DeviceName("nic0"),
            new AgentStatus.Profile("vfio", "mlx5_vfio_pci", "15b3:101e", PF),
            ALL,
            DeviceState.STOP,
            4L,
            "vm-1",
            null,
            512L);
    var missing =
        new AgentStatus.Unavailable(
            new DeviceName("gpu7"), "gpu7: EACCES(13) " + "word ".repeat(40));
    var found =
        List.of(
            new Discovery.Finding(
                new DeviceName("nic0"),
                device("0000:06:00.3", "mlx5_vfio_pci"),
                List.of(new Discovery.Holder(4711, "qemu-system-x86")),
                null,
                "held by qemu-system-x86 (pid 4711)"),
            finding(null, device("0000:06:00.4", "mlx5_core"), null, "bound to no driver"));
    var all = DeviceListing.of(status(device, missing), found);
    assertEquals(3, all.size());
    assertTrue(all.getFirst().held());
    assertEquals(null, all.getFirst().obstacle(), "it is ours: a second holder is its machine");
    String text = text(all);
    assertTrue(text.contains("held by this agent, open in qemu-system-x86 (pid 4711)"), text);
    assertTrue(text.contains("512 B  vm-1"), text);
    assertTrue(text.contains("cannot be moved: gpu7: EACCES(13)"), text);
  }

  @Test
  void aDeviceOfTheSettingsThatIsNotThereIsListedAsMissing() {
    var entry = new DeviceEntryOf("gpu0", "0000:06:00.2").ownedBy(null);
    String text = text(DeviceListing.of(List.of(entry), List.of()));
    assertTrue(text.contains("\ngpu0 "), text);
    assertTrue(text.contains("cannot be moved: this host has no device at 0000:06:00.2"), text);
  }

  /** A device of the settings. */
  private record DeviceEntryOf(String name, String pci) {
    DeviceEntry ownedBy(@Nullable String vm) {
      return new DeviceEntry(name, vm, pci, null, null, null, null, null, null, null, null, null, null, List.of());
    }
  }
}
