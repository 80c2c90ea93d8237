/**
 * Device control: one {@link io.fermata.agent.device.DeviceControl} per device, over the kernel's
 * VFIO interface or over emulated devices that follow the same machine.
 *
 * <p>The rule this room must never break: after an error the state is read from the device again,
 * never inferred.
 */
@NullMarked
package io.fermata.agent.device;

import org.jspecify.annotations.NullMarked;
