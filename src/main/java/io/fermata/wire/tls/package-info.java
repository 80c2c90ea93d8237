/**
 * Who talks to whom between processes: certificates, the identities in them, connections made with
 * them, and the rules without which no process listens beyond its own machine.
 *
 * <p>The central type is {@link io.fermata.wire.tls.ProcessIdentity}. An identity is a URI SAN,
 * {@code spiffe://<trust-domain>/agent/<host>} or {@code .../orchestrator/<name>}; neither the
 * subject nor a DNS name of the certificate is looked at.
 *
 * <p>The rule this room must never break: with certificates configured nothing is sent to and
 * nothing is taken from a process that has not proven which one it is. Without them all is open,
 * and reachable from this machine only.
 */
@NullMarked
package io.fermata.wire.tls;

import org.jspecify.annotations.NullMarked;
