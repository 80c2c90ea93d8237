/**
 * The orchestrator's REST interface, for a control plane, a scraper, or a person with curl at three
 * in the morning.
 *
 * <p>The central types are the resources under {@code /api/v1}: plans, migrations, hosts, devices,
 * events. Each has a JSON form and a text form of at most 100 columns whose last line is the
 * command to run next. Errors are problem documents (RFC 9457) with a stable code, the field at
 * fault and what to do.
 *
 * <p>The rule that this room must never break: it changes nothing itself. A request becomes a
 * journal record through {@code migration} or is refused with a reason, and a request that was
 * refused has changed nothing. Repeating a request with the same idempotency key gives the same
 * answer.
 *
 * <p>Nothing uses this room.
 */
@NullMarked
package io.fermata.api;

import org.jspecify.annotations.NullMarked;
