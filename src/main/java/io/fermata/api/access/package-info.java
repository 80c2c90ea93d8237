/**
 * Who may use the API, and for what.
 *
 * <p>The central types are {@link io.fermata.api.access.AccessTable}, every path with the roles
 * that may use it, and {@link io.fermata.api.access.Caller}, who asks. {@link
 * io.fermata.api.access.AccessFilter} stands before everything else and compares the two.
 *
 * <p>The rule this room must never break: what stands in no line of the table is refused to
 * everybody.
 */
@NullMarked
package io.fermata.api.access;

import org.jspecify.annotations.NullMarked;
