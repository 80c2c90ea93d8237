/**
 * Faults on real processes: orchestrators and agents of the packaged jar, each in a network
 * namespace of its own, are killed, stopped, restarted and cut off in every phase of a migration.
 *
 * <p>Start with {@link io.fermata.chaos.process.ProcessChaosIT}. What is right or wrong is said by
 * {@link io.fermata.chaos.process.Judge}, which reads what the emulated devices and the slates
 * wrote themselves, and asks no API.
 */
@NullMarked
package io.fermata.chaos.process;

import org.jspecify.annotations.NullMarked;
