/**
 * What the agent asks of the operating system beside its devices: packets that carry open files
 * over a UNIX socket, open files of another process, and the service manager that keeps open files
 * while the agent is away.
 *
 * <p>Central types: {@link io.fermata.agent.os.PacketSocket}, {@link
 * io.fermata.agent.os.ForeignProcess}, {@link io.fermata.agent.os.Supervisor}. Descriptors go in
 * and out as plain numbers; each method says whose they are afterwards.
 *
 * <p>The rule this room must never break: a descriptor that came in is either handed on or closed,
 * also when the packet that brought it is refused.
 */
@NullMarked
package io.fermata.agent.os;

import org.jspecify.annotations.NullMarked;
