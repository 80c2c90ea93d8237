/**
 * Signatures under receipts, so that nobody but an agent can say what that agent has on its disk:
 * least of all whoever carries the receipts.
 *
 * <p>The central type is {@link io.fermata.wire.attest.Attestor}. It signs with the key of the
 * process's certificate and believes a signature for the identity in the certificate that comes
 * with it, if one of the configured authorities vouches for that.
 *
 * <p>The rule this room must never break: what is signed has one reading. Every field is in it,
 * with its length.
 */
@NullMarked
package io.fermata.wire.attest;

import org.jspecify.annotations.NullMarked;
