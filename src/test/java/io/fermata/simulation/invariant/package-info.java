/**
 * What must hold after every event, one class each, judged on the true states of the devices and
 * never on what an agent believes.
 *
 * <p>Central type: {@link io.fermata.simulation.invariant.Invariant}.
 *
 * <p>The rule this room must never break: an invariant only looks.
 */
package io.fermata.simulation.invariant;
