/**
 * The audit trail: who asked for what, from where, why, and what became of it; also what was
 * denied. The records are a hash chain in the journal's store.
 *
 * <p>Central type: {@link io.fermata.audit.AuditTrail}.
 *
 * <p>The rule that this room must never break: a deed that has to be audited is on record before it
 * is done, or it is not done. The one exception is named by whoever calls {@link
 * io.fermata.audit.AuditTrail#later}: an abort, which must not wait for a disk.
 */
@NullMarked
package io.fermata.audit;

import org.jspecify.annotations.NullMarked;
