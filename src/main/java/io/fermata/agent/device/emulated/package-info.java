/**
 * Emulated devices: sets that do peer DMA to each other all the time, moved through the kernel's
 * state machine, with the hop times, sessions, image formats and failures of real drivers.
 *
 * <p>Central type: {@link io.fermata.agent.device.emulated.EmulatedHost}. A device accepts whatever
 * the kernel accepts, combination arcs too, and walks them alone: the model is there to show what
 * that loses, and the {@link io.fermata.agent.device.emulated.PeerGroup} counts it.
 *
 * <p>The rule this room must never break: the model judges by what the devices did and never by
 * what somebody asked for; it knows no migration, no gate and no orchestrator.
 */
@NullMarked
package io.fermata.agent.device.emulated;

import org.jspecify.annotations.NullMarked;
