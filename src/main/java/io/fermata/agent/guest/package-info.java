/**
 * The guests' virtual CPUs: who pauses them before the first device is quiesced, and lets them run
 * after the last one runs again.
 *
 * <p>Central type: {@link io.fermata.agent.guest.GuestControl}.
 *
 * <p>The rule this room must never break: a guest is reported as paused only by whoever knows it.
 */
@NullMarked
package io.fermata.agent.guest;

import org.jspecify.annotations.NullMarked;
