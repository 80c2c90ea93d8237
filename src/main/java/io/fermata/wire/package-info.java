/**
 * What the two sides of a connection share, and nothing that only one side needs.
 *
 * <p>Two kinds of traffic: control messages, JSON over HTTP, one request per host and phase, whose
 * content are the records of {@code handover.message}; and the data plane between agents, framed
 * device state with a CRC32C for each frame, a SHA-256 for each device image, and a length that is
 * checked. Version negotiation and the TLS set-up of both belong here too.
 *
 * <p>The rule that this room must never break: what arrives is not trusted. Every length has a
 * limit that is checked before memory is reserved for it, every checksum is checked before a byte
 * is handed on, and a message of an unknown version is refused, not half understood.
 *
 * <p>This room encodes and decodes; it decides nothing and keeps no state of a migration.
 */
@NullMarked
package io.fermata.wire;

import org.jspecify.annotations.NullMarked;
