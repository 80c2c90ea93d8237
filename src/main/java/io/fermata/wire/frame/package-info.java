/**
 * The frames of the data plane as pure encoding and decoding: bytes in, values out, no socket, no
 * thread, no clock. {@link io.fermata.wire.frame.Frame} lists what can be said, {@link
 * io.fermata.wire.frame.FrameDecoder} reads it from input cut anywhere.
 *
 * <pre>
 *  bytes   2       1      1 (zero)  4        4                    4                       length
 *        | magic | type | flags   | length | CRC32C of payload | CRC32C of these 12 | payload |
 *
 *  source       Hello            Data Data Beat Data ... End             (or Abort)
 *  destination         Welcome       Taken          Taken    Done        (or Refused, at any time)
 *
 *  and after a connection broke, on another one:
 *  source       Resume       Data ... End
 *  destination         Taken            Done
 * </pre>
 *
 * Numbers are big-endian; a string is its length in two bytes and then UTF-8. The layout of Hello
 * never changes, since it carries the versions that all else may depend on. In version 1 there are
 * neither Taken nor Resume, and Welcome has no ticket. From version 3 on Welcome lists how pieces
 * may be packed, and a Packed may stand for any Data: the packing's number in one byte, the length
 * that the piece had in four, and what became of it. The CRC32C is of what is sent; this room
 * neither packs nor unpacks.
 *
 * <p>The rule this room must never break: malformed input ends in a {@link
 * io.fermata.wire.frame.FrameFault} and in nothing else, and a length is believed only after the
 * header's own checksum and limit have held.
 */
@NullMarked
package io.fermata.wire.frame;

import org.jspecify.annotations.NullMarked;
