package io.fermata.agent.stream.tls;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;

/** What one host proves itself with, and whom it believes; may be renewed at any time. */
public sealed interface TlsKeys permits TlsFiles, TlsIdentity {
  /** The first part of every identity; others are refused. */
  String trustDomain();

  /** Equal to the one before as long as nothing was renewed. */
  Object version() throws IOException;

  /** The end that listens, with the keys as they are now. */
  SslContextBuilder server();

  /** The end that connects, with the keys as they are now. */
  SslContextBuilder client();
}
