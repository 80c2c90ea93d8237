/**
 * The data plane: device state from one agent straight to another. {@link
 * io.fermata.agent.stream.DataPlane} is the port that the agent's loop uses; below it a {@code
 * Sending} is one device of a source and a {@code Receiving} one connection at a destination, each
 * with a platform thread of its own, since calls into a device block. An {@code Incoming} is one
 * device of a destination, over as many connections as it takes. Where both ends agreed, pieces are
 * packed on their way: {@code Packaging} and {@code Unpacking}.
 *
 * <pre>
 *  device --read--&gt; Sending --Link--&gt; socket --Link--&gt; Receiving --write--&gt; device
 *                      | Voice                            | Voice
 *                      v Sent, Flowed, Broke              v Arrived, Flowed, Broke
 * </pre>
 *
 * <p>The rule this room must never break: an image counts only when every byte was written into the
 * device and length and SHA-256 agree with the sender's; and a stream that was dropped says nothing
 * more and goes on over no other connection. Device state never touches a disk or a log.
 */
@NullMarked
package io.fermata.agent.stream;

import org.jspecify.annotations.NullMarked;
