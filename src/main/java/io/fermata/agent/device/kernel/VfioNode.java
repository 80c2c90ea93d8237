package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceProfile;

/**
 * A VFIO device as sysfs shows it.
 *
 * @param path the device file, such as {@code /dev/vfio/devices/vfio0}
 * @param profile driver and model
 */
record VfioNode(String path, DeviceProfile profile) {}
