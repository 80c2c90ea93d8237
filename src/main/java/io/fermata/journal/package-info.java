/**
 * What the orchestrator knows for certain: append-only records on disk.
 *
 * <p>The central type is the journal, in two implementations with one SQL dialect: SQLite
 * (write-ahead log, full synchronisation, both checked at start; one writer thread that commits in
 * groups; readers on a small pool of their own) and PostgreSQL for several replicas. Beside the
 * records stand the ownership leases: a replica drives a migration only while it holds its lease,
 * and every take-over raises the epoch that agents compare.
 *
 * <p>The rule that this room must never break: an append is acknowledged only after it is durable,
 * and a record that was acknowledged is never altered or removed. A lost version check is an
 * answer, not an error: somebody else was first.
 *
 * <p>The journal does not interpret what it stores. Times come from its callers.
 */
@NullMarked
package io.fermata.journal;

import org.jspecify.annotations.NullMarked;
