/**
 * The journal: append-only records of what was decided, and beside them the few rows that lists and
 * restarts need.
 *
 * <p>Start with {@link io.fermata.journal.Journal}; one {@link io.fermata.journal.Change} is one
 * transaction. The room knows strings and numbers only; what a record's {@code data} means is the
 * business of the room that wrote it.
 *
 * <p>The rule this room must never break: an append is acknowledged only after it is on disk, and
 * what was acknowledged is read again after any crash, in the same order.
 */
@NullMarked
package io.fermata.journal;

import org.jspecify.annotations.NullMarked;
