package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceProfile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What tells a device's open files from all others.
 *
 * @param directory in sysfs, without links; a kernel that says so names it beside an open file
 * @param node the number of its device file as {@code major:minor}, or null where it has none
 * @param profile driver and model
 */
record DeviceIdentity(Path directory, @Nullable String node, DeviceProfile profile) {}
