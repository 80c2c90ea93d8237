/**
 * The safety core: who may run a set. Pure: no Spring, no I/O, no threads, no clock of its own.
 *
 * <p>Central types: {@link io.fermata.handover.Source} and {@link io.fermata.handover.Destination},
 * one claim each on one host. They take requests, device reports and ticks, and leave facts and
 * effects in a {@link io.fermata.handover.Turn}. The specification is {@code handover.tla}; a
 * rule's Javadoc names its action.
 *
 * <p>The rule this room must never break: the right to run a set moves only by a durable fact of
 * the giver that names the taker.
 */
@NullMarked
package io.fermata.handover;

import org.jspecify.annotations.NullMarked;
