package io.fermata.agent.stream.tls;

import io.fermata.wire.tls.ProcessIdentity;
import io.fermata.wire.tls.ProcessIdentity.Credentials;
import io.netty.handler.ssl.SslContextBuilder;
import java.security.cert.X509Certificate;
import java.util.List;

/** The identity that the agent has towards everybody, also for its streams. */
public record TlsIdentity(ProcessIdentity identity) implements TlsKeys {
  /** What tells that the credentials are others than before. */
  private record Version(List<X509Certificate> chain, List<X509Certificate> authorities) {}

  private Credentials credentials() {
    return identity
        .credentials()
        .orElseThrow(() -> new IllegalArgumentException("fermata.identity names no files"));
  }

  @Override
  public String trustDomain() {
    return credentials().self().trustDomain();
  }

  @Override
  public Object version() {
    Credentials now = credentials();
    return new Version(now.chain(), now.authorities());
  }

  @Override
  public SslContextBuilder server() {
    Credentials now = credentials();
    return SslContextBuilder.forServer(now.key(), now.chain()).trustManager(now.authorities());
  }

  @Override
  public SslContextBuilder client() {
    Credentials now = credentials();
    return SslContextBuilder.forClient()
        .keyManager(now.key(), now.chain())
        .trustManager(now.authorities());
  }
}
