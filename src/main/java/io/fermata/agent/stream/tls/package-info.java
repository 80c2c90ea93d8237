/**
 * TLS of the data plane: version 1.3, both sides with certificates, through BoringSSL. {@link
 * io.fermata.agent.stream.tls.TlsDoor} makes a {@link io.fermata.agent.stream.tls.TlsWire} of a
 * connection, and says whose certificate the other side has shown.
 *
 * <p>The rule this package must never break: no byte of device state leaves before the other side
 * has shown a certificate of our authorities for the host that is expected.
 */
@NullMarked
package io.fermata.agent.stream.tls;

import org.jspecify.annotations.NullMarked;
