/**
 * The socket at which a VMM gives devices to the agent and gets devices from it, with their open
 * files (SCM_RIGHTS).
 *
 * <p>Central type: {@link io.fermata.agent.hold.HoldServer}; {@link
 * io.fermata.agent.hold.HoldRequest} has the protocol. What is done with a descriptor is a {@link
 * io.fermata.agent.hold.Holder}'s.
 *
 * <p>The rule this room must never break: whoever the socket's file, the settings and the kernel's
 * word on who he is do not all let in gets nothing and changes nothing.
 */
@NullMarked
package io.fermata.agent.hold;

import org.jspecify.annotations.NullMarked;
