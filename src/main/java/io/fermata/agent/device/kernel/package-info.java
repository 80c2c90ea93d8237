/**
 * The kernel backend: devices of this host through {@code /dev/vfio/devices} and {@code
 * /dev/iommu}, called directly (Foreign Function and Memory API, no native code of our own).
 *
 * <p>Central type: {@link io.fermata.agent.device.kernel.KernelHost}, which opens what is
 * configured. Below it, from the outside in: {@link io.fermata.agent.device.kernel.KernelDevice}
 * keeps the session, {@link io.fermata.agent.device.kernel.DeviceFile} and {@link
 * io.fermata.agent.device.kernel.DataSession} know the ioctls, {@link
 * io.fermata.agent.device.kernel.Uapi} knows the bytes, {@link io.fermata.agent.device.kernel.Libc}
 * makes the call.
 *
 * <p>The rule this room must never break: no call goes to a descriptor number that this program has
 * closed, because the kernel gives the number to the next file that is opened.
 */
@NullMarked
package io.fermata.agent.device.kernel;

import org.jspecify.annotations.NullMarked;
