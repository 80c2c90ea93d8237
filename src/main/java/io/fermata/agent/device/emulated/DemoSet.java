package io.fermata.agent.device.emulated;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The set of the demonstration: one virtual machine with 8 GPUs, 8 network devices behind two
 * physical functions, and a disk. Sizes and times are those of the profiles: assumptions.
 */
public final class DemoSet {
  private static final int EACH = 8;

  private DemoSet() {}

  /** The host on which that guest runs. */
  public static HostSettings source(String host, String guest) {
    return HostSettings.of(host, devices(device -> device.holding(guest)));
  }

  /** A host with the same devices, blank. */
  public static HostSettings destination(String host) {
    return HostSettings.of(host, devices(UnaryOperator.identity()));
  }

  private static List<DeviceSettings> devices(UnaryOperator<DeviceSettings> finish) {
    List<DeviceSettings> devices = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      devices.add(DeviceSettings.blank("gpu" + i, EmulatedProfile.GPU));
    }
    for (int i = 0; i < EACH; i++) {
      devices.add(DeviceSettings.blank("nic" + i, EmulatedProfile.CONNECTX).behind("pf" + i / 4));
    }
    devices.add(DeviceSettings.blank("nvme0", EmulatedProfile.NVME));
    return devices.stream().map(finish).toList();
  }
}
