/**
 * The orchestrator's half: what a migration is, where it stands, and what is asked of the agents
 * next.
 *
 * <p>Central type: {@link io.fermata.migration.MigrationDriver}, a pure function from what is known
 * to what is recorded and asked; {@link io.fermata.migration.MigrationLoop} carries it out.
 * Legality of phases lies with {@link io.fermata.migration.Lifecycle}.
 *
 * <p>The rule this room must never break: an outcome is recorded only on the agents' evidence;
 * silence proves nothing.
 */
@NullMarked
package io.fermata.migration;

import org.jspecify.annotations.NullMarked;
