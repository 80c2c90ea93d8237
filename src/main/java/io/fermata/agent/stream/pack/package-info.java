/**
 * Packing and unpacking of single pieces by native code: {@link
 * io.fermata.agent.stream.pack.Packer} and {@link io.fermata.agent.stream.pack.Unpacker}, and which
 * of them this process has, {@link io.fermata.agent.stream.pack.Libraries}.
 *
 * <p>The rule this room must never break: nothing is written beyond the room that was given,
 * whatever the bytes say, and bytes that are wrong end in a {@link
 * io.fermata.wire.frame.FrameFault}, not in an exception of a library. Libraries are loaded while
 * the agent starts: the first piece may come while a guest is dark.
 */
@NullMarked
package io.fermata.agent.stream.pack;

import org.jspecify.annotations.NullMarked;
