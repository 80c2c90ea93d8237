package io.fermata.agent.device.kernel;

import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import java.util.ArrayList;
import java.util.List;

/**
 * Devices as a VMM has them: opened, and bound to one open file of {@code /dev/iommu}. They stay
 * open for as long as the process lives.
 *
 * @param iommu number of the open file of {@code /dev/iommu}
 * @param devices numbers of the devices' open files, in the order of their paths
 */
public record BoundFiles(int iommu, List<Integer> devices) {
  /** Resets the device of that place, as any process may that has it open. */
  public void reset(int place) {
    long answer = new NativeLibc().ioctl(devices.get(place), Uapi.DEVICE_RESET, 0);
    if (answer != 0) {
      throw new AssertionError("resetting: " + answer);
    }
  }

  /** Opens and binds them; a device that cannot be had is a fault. */
  public static BoundFiles open(List<String> paths) {
    Libc libc = new NativeLibc();
    int iommu = (int) libc.open(KernelHost.IOMMU, Libc.O_RDWR | Libc.O_CLOEXEC);
    Descriptor space = new Descriptor(libc, iommu, new Errno(Libc.EBADF));
    List<Integer> numbers = new ArrayList<>();
    for (String path : paths) {
      DeviceFile file = DeviceFile.open(new DeviceName("vmm"), libc, path);
      file.bind(space);
      file.lend(number -> {
        numbers.add(number);
        return 0;
      });
    }
    return new BoundFiles(iommu, List.copyOf(numbers));
  }
}
