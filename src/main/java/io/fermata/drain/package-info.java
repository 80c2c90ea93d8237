/**
 * Evacuates a host as one unit: which of its machines move where and when, what stands in the way
 * of the others, and whether the host may be switched off.
 *
 * <p>Central type: {@link io.fermata.drain.Drainer}, a pure function from a {@link
 * io.fermata.drain.Drain} and what is seen of the world to the drain as it has to be next; {@link
 * io.fermata.drain.Drains} looks, records and only then asks for migrations.
 *
 * <p>The rule this room must never break: a machine has at most one migration of a drain at a time,
 * whatever dies in between and however many orchestrators look; and a host is called safe to power
 * off on its agent's fresh word only.
 */
@NullMarked
package io.fermata.drain;

import org.jspecify.annotations.NullMarked;
