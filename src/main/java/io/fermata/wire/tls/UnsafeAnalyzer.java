package io.fermata.wire.tls;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which setting is missing, and nothing else. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnsafeAnalyzer extends AbstractFailureAnalyzer<Unsafe> {
  private static final String ACTION =
      """
      Either give the process its certificates (and the orchestrator its issuer):

        fermata.identity:                         # between agents and orchestrators, both roles
          certificate: /etc/fermata/identity/tls.crt
          private-key: /etc/fermata/identity/tls.key
          authorities: /etc/fermata/identity/ca.crt
        fermata.access:                           # people and programs at the API
          certificate: /etc/fermata/api/tls.crt
          private-key: /etc/fermata/api/tls.key
          issuer: https://login.example.org
          audience: fermata

      or listen on this machine only (server.address=127.0.0.1, the default), or, where a mesh or a
      proxy on this machine authenticates every caller, say fermata.insecure-bind=true.
      """;

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, Unsafe cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), ACTION, cause);
  }
}
