/**
 * The host agent: it holds one host's VFIO descriptors, enforces the barrier on them, keeps the
 * durable slate of who may run what, and streams device state to other agents.
 *
 * <p>The rule this room must never break: a fact is on disk before anybody hears of it.
 */
@NullMarked
package io.fermata.agent;

import org.jspecify.annotations.NullMarked;
