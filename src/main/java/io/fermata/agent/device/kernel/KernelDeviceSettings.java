package io.fermata.agent.device.kernel;

import io.fermata.device.DeviceName;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A device to be held.
 *
 * @param name what it is called from here on
 * @param at where it is, in any of four ways: the device file ({@code /dev/vfio/devices/vfio0}),
 *     its directory in sysfs ({@code /sys/...}), the UUID of a mediated device, or a PCI address
 *     ({@code 0000:06:0d.0})
 * @param way how its descriptor is got
 * @param pidFile adopt: where the process that has it leaves its number; null to look for it
 * @param vm whom it belongs to at the start; devices of one machine share an address space
 */
public record KernelDeviceSettings(
    DeviceName name, String at, Way way, @Nullable Path pidFile, @Nullable String vm) {
  private static final Pattern UUID =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
  private static final Pattern PCI_ADDRESS =
      Pattern.compile("\\p{XDigit}{4,8}:\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]");

  /** How the agent comes to a device's descriptor. */
  public enum Way {
    /** It opens and binds the device, and gives the descriptor to the VMM that asks for it. */
    OPEN,
    /** The VMM opens and binds it, and sends the descriptor. */
    RECEIVE,
    /** The VMM opens and binds it, and the agent takes a copy out of that process. */
    ADOPT
  }

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

  /** A device that the agent opens, and nobody's. */
  public KernelDeviceSettings(DeviceName name, String at) {
    this(name, at, Way.OPEN, null, null);
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
