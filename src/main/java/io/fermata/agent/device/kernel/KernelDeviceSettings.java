package io.fermata.agent.device.kernel;

import io.fermata.device.DeviceName;
import java.util.regex.Pattern;

/**
 * A device to be opened.
 *
 * @param name what it is called from here on
 * @param at where it is, in any of four ways: the device file ({@code /dev/vfio/devices/vfio0}),
 *     its directory in sysfs ({@code /sys/...}), the UUID of a mediated device, or a PCI address
 *     ({@code 0000:06:0d.0})
 */
public record KernelDeviceSettings(DeviceName name, String at) {
  private static final Pattern UUID =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
  private static final Pattern PCI_ADDRESS =
      Pattern.compile("\\p{XDigit}{4,8}:\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]");

  public KernelDeviceSettings {
    if (!isPath(at) && !isUuid(at) && !isPciAddress(at)) {
      throw new IllegalArgumentException(
          "device "
              + name
              + ": '"
              + at
              + "' is no absolute path, no UUID and no PCI address such as 0000:06:0d.0");
    }
  }

  boolean isPath() {
    return isPath(at);
  }

  boolean isUuid() {
    return isUuid(at);
  }

  private static boolean isPath(String at) {
    return at.startsWith("/");
  }

  private static boolean isUuid(String at) {
    return UUID.matcher(at).matches();
  }

  private static boolean isPciAddress(String at) {
    return PCI_ADDRESS.matcher(at).matches();
  }
}
