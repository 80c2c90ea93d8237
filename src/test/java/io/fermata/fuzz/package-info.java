/**
 * Bytes that nobody meant to send. A target takes bytes and may answer with a typed refusal or with
 * nothing; anything else is a finding.
 *
 * <p>Central types: {@link io.fermata.fuzz.Fuzz}, which feeds a target, and {@link
 * io.fermata.fuzz.Mutation}, which spoils what was valid.
 *
 * <p>The rule this room must never break: an input follows from seed and number alone, and one that
 * was a finding once is fed first for ever after.
 */
package io.fermata.fuzz;
