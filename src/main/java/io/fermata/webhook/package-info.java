/**
 * Webhooks: the journal's entries, sent as CloudEvents to those who subscribed, in order, at least
 * once each, for as long as a day.
 *
 * <p>Central type: {@link io.fermata.webhook.Webhooks}.
 *
 * <p>The rule that this room must never break: it sends nothing to a place that the configuration
 * does not name, and it connects to the very address that was looked at. A receiver that is slow or
 * gone holds up nobody but itself.
 */
@NullMarked
package io.fermata.webhook;

import org.jspecify.annotations.NullMarked;
