package io.fermata.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.handover.HostName;
import io.fermata.metrics.Instruments;
import io.fermata.wire.Protocol;
import io.fermata.wire.tls.Identity;
import io.fermata.wire.tls.ProcessIdentity;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Who may ask an agent for what. Orchestrators may ask for everything but what agents tell each
 * other; agents for that alone; whoever has any identity may look at the health. What stands in no
 * line of the table is refused, to everybody.
 *
 * <p>Without certificates nobody can be told from anybody and the gate stands open; such an agent
 * listens on its own machine only.
 */
@Component
@Serving
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class AgentGate extends OncePerRequestFilter {
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";
  private static final String CALLER = AgentGate.class.getName() + ".caller";

  private final ProcessIdentity proof;
  private final HostName host;
  private final Counter refused;

  /** Who may ask below a path; the first line that fits counts. */
  private record Line(String path, List<Identity.Kind> kinds) {}

  private static final List<Line> TABLE =
      List.of(
          new Line("/agent/v1/peer", List.of(Identity.Kind.AGENT)),
          new Line("/agent/v1/", List.of(Identity.Kind.ORCHESTRATOR)),
          new Line("/actuator", List.of(Identity.Kind.values())),
          new Line("/livez", List.of(Identity.Kind.values())),
          new Line("/readyz", List.of(Identity.Kind.values())));

  AgentGate(ProcessIdentity proof, AgentSettings settings, PrometheusRegistry registry) {
    this.proof = proof;
    this.host = settings.hostName();
    this.refused =
        new Instruments(registry)
            .counter(
                "fermata_auth_failures_total",
                "Callers that were turned away.",
                "mechanism",
                "reason");
    for (String reason : List.of("no_identity", "not_allowed", "other_host")) {
      refused.initLabelValues("certificate", reason);
    }
  }

  /** An agent whose certificate names another host would be refused by all: better now. */
  static void checkSelf(ProcessIdentity proof, HostName host) {
    proof
        .credentials()
        .filter(found -> !found.self().isAgent(host))
        .ifPresent(found -> {
          throw new AgentMisconfigured(
              List.of(
                  "fermata.identity.certificate: names "
                      + found.self()
                      + ", and this is the agent of "
                      + host));
        });
  }

  /** Who asks, as its certificate says; null where nobody proves who he is. */
  static @Nullable Identity caller(HttpServletRequest request) {
    return (Identity) request.getAttribute(CALLER);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String meant = request.getHeader(Protocol.HOST_HEADER);
    if (meant != null && !meant.equals(host.value())) {
      refuse(response, 421, "other_host", "this is " + host + ", not the host that was meant");
    } else if (!proof.secured() || !request.isSecure()) {
      chain.doFilter(request, response); // all open, or the management port
    } else {
      guarded(request, response, chain);
    }
  }

  private void guarded(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<Identity> caller = identity(request).filter(proof::knows);
    if (caller.isEmpty()) {
      refuse(response, 401, "no_identity", "the certificate names no process of ours");
    } else if (!isPlain(request) || !allowed(request.getRequestURI(), caller.get().kind())) {
      refuse(response, 403, "not_allowed", caller.get() + " may not ask for that");
    } else {
      request.setAttribute(CALLER, caller.get());
      chain.doFilter(request, response);
    }
  }

  /** Of a path with anything encoded or a step back the table might think otherwise than Spring. */
  private static boolean isPlain(HttpServletRequest request) {
    return request.getRequestURI().equals(request.getServletPath());
  }

  private static boolean allowed(String path, Identity.Kind kind) {
    return TABLE.stream()
        .filter(line -> path.startsWith(line.path()))
        .findFirst()
        .filter(line -> line.kinds().contains(kind))
        .isPresent();
  }

  private static Optional<Identity> identity(HttpServletRequest request) {
    return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
        ? Identity.of(chain[0])
        : Optional.empty();
  }

  private void refuse(HttpServletResponse response, int status, String reason, String detail)
      throws IOException {
    refused.labelValues("certificate", reason).inc();
    response.setStatus(status);
    response.setContentType("application/problem+json");
    String body =
        "{\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\",\"retryable\":false}"
            .formatted(status, reason.toUpperCase(Locale.ROOT), detail);
    response.getOutputStream().write(body.getBytes(UTF_8));
  }
}
