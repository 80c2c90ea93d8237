/**
 * The hosts, and how the orchestrator talks to their agents.
 *
 * <p>The central types are the inventory of hosts, the client that carries one request to one
 * agent, and the liveness of each agent as last observed. A host enters the inventory from the
 * configured file or by an administrator, never by the body of a migration.
 *
 * <p>The rule that this room must never break: it reports what it observed and how old that is, and
 * never a guess. A request without an answer is <em>unknown</em>, neither done nor failed: the
 * agent may still carry it out. Nor does silence ever stand for permission: that an agent is not
 * alive says nothing about whether its devices run.
 */
@NullMarked
package io.fermata.fleet;

import org.jspecify.annotations.NullMarked;
