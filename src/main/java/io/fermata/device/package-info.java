/**
 * The vocabulary of VFIO migration, as pure values: states, capabilities, arcs, hops and the plan
 * that says which hops a set of devices may take next.
 *
 * <p>Central type: {@link io.fermata.device.HopPlan}. Start with {@link
 * io.fermata.device.DeviceState}.
 *
 * <p>The rule this room must never break: a hop is one direct arc of the kernel's machine on one
 * device, and no plan holds a hop after which one device of the set is frozen while another may
 * still issue DMA.
 */
@NullMarked
package io.fermata.device;

import org.jspecify.annotations.NullMarked;
