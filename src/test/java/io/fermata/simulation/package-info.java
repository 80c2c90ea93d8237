/**
 * The deterministic simulator: the production core of agents and orchestrators, unchanged, in a
 * world whose time, network, disks, devices, clocks and people all follow from one seed.
 *
 * <p>Central type: {@link io.fermata.simulation.World}; {@link io.fermata.simulation.Simulation}
 * runs one seed from its first order to its last outcome.
 *
 * <p>Which faults of the fault model are injected, and why some are not: {@code
 * src/docs/fault-model.md}.
 *
 * <p>The rule this room must never break: the same seed gives the same trace, on every machine.
 */
package io.fermata.simulation;
