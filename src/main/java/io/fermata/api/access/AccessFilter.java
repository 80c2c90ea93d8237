package io.fermata.api.access;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemAnswer;
import io.fermata.api.problem.ProblemCode;
import io.fermata.audit.BreakGlass;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Before a byte of a body is read: who asks, whether the table lets him, whether he asks too often.
 * Also the headers that every answer has. It stands within the audit, so that what is refused here
 * is on record too.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 8)
final class AccessFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(AccessFilter.class);
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";
  private static final String BEARER = "Bearer ";
  private static final int TOKEN_MAX = 8192;
  private static final String METRICS = "/actuator/prometheus";

  private final AccessSettings settings;
  private final @Nullable Tokens tokens;
  private final Rates rates;
  private final BreakGlass breakGlass;
  private final Counter failures;

  AccessFilter(
      AccessSettings settings,
      InstantSource time,
      BreakGlass breakGlass,
      PrometheusRegistry registry) {
    this.settings = settings;
    this.breakGlass = breakGlass;
    this.tokens = settings.issuer() == null ? null : new Tokens(settings);
    this.rates = new Rates(settings, time);
    this.failures =
        new Instruments(registry)
            .counter(
                "fermata_auth_failures_total",
                "Callers that were turned away.",
                "mechanism",
                "reason");
    failures.initLabelValues("none", "no_credentials");
    for (String mechanism : List.of("bearer", "client_cert")) {
      failures.initLabelValues(mechanism, "not_valid");
      failures.initLabelValues(mechanism, "not_allowed");
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader(
        "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    response.setHeader("Referrer-Policy", "no-referrer");
    if (request.isSecure()) {
      response.setHeader("Strict-Transport-Security", "max-age=31536000");
    }
    if (!settings.asks()) {
      chain.doFilter(request, response);
      return;
    }
    Optional<AccessTable.Line> line =
        isPlain(request)
            ? AccessTable.line(request.getMethod(), request.getRequestURI())
            : Optional.empty();
    if (line.isPresent() && isOpen(line.get(), request)) {
      chain.doFilter(request, response);
      return;
    }
    Caller caller = caller(request, response);
    if (caller == null) {
      return;
    }
    request.setAttribute(Caller.ATTRIBUTE, caller);
    if (allowed(caller, line, request, response)) {
      chain.doFilter(new Known(request, caller), response);
    }
  }

  /**
   * Whether the path means what it says: nothing encoded, no parameters, no steps back. Of any
   * other the table and the dispatcher might think differently.
   */
  private static boolean isPlain(HttpServletRequest request) {
    return request.getRequestURI().equals(request.getServletPath());
  }

  private boolean isOpen(AccessTable.Line line, HttpServletRequest request) {
    return line.open() || (settings.openMetrics() && request.getRequestURI().equals(METRICS));
  }

  private @Nullable Caller caller(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null) {
      return bearer(header, request, response);
    }
    if (request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0) {
      return certificate(chain[0], request, response);
    }
    failures.labelValues("none", "no_credentials").inc();
    String detail = "say who you are: Authorization: Bearer …";
    refuse(ProblemCode.UNAUTHENTICATED, detail, request, response);
    return null;
  }

  private @Nullable Caller bearer(
      String header, HttpServletRequest request, HttpServletResponse response) throws IOException {
    boolean fits = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    if (tokens != null && fits && header.length() <= TOKEN_MAX) {
      try {
        return tokens.caller(header.substring(BEARER.length()).strip());
      } catch (JwtException e) {
        LOG.info("a token was refused: {}", e.getMessage());
      }
    }
    failures.labelValues("bearer", "not_valid").inc();
    String detail = "the token is none that the issuer gave out for this service, or it is over";
    refuse(ProblemCode.UNAUTHENTICATED, detail, request, response);
    return null;
  }

  private @Nullable Caller certificate(
      X509Certificate found, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String subject = found.getSubjectX500Principal().getName();
    for (AccessSettings.Client client : settings.clients()) {
      if (client.subject().equals(subject)) {
        String asked = request.getMethod() + " " + request.getRequestURI();
        breakGlass.used(subject, new BreakGlass.Use(asked, request.getRemoteAddr()));
        var duties = Set.copyOf(client.duties());
        return new Caller(subject, Caller.Mechanism.CLIENT_CERT, duties, null);
      }
    }
    failures.labelValues("client_cert", "not_valid").inc();
    refuse(ProblemCode.UNAUTHENTICATED, "nobody is known as " + subject, request, response);
    return null;
  }

  private boolean allowed(
      Caller caller,
      Optional<AccessTable.Line> line,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    String asked = request.getMethod() + " " + request.getRequestURI();
    if (line.isEmpty()) {
      refuse(ProblemCode.NOT_FOUND, asked + " leads nowhere", request, response);
      return false;
    }
    if (Collections.disjoint(line.get().duties(), caller.duties())) {
      failures.labelValues(Instruments.label(caller.mechanism()), "not_allowed").inc();
      String duties = line.get().duties().stream().map(Duty::word).sorted().toList().toString();
      String detail = caller.name() + " may not " + asked + "; that is for " + duties;
      refuse(ProblemCode.FORBIDDEN, detail, request, response);
      return false;
    }
    if (caller.tenant() != null && !line.get().scoped()) {
      failures.labelValues(Instruments.label(caller.mechanism()), "not_allowed").inc();
      String detail = asked + " is about all tenants; " + caller.name() + " is bound to one";
      refuse(ProblemCode.FORBIDDEN, detail, request, response);
      return false;
    }
    boolean abort = asked.startsWith("POST ") && asked.endsWith("/abort");
    long wait = abort ? 0 : rates.take(caller.name());
    if (wait > 0) {
      response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(wait));
      String detail = "too many requests of " + caller.name() + "; again in " + wait + " s";
      refuse(ProblemCode.TOO_MANY_REQUESTS, detail, request, response);
      return false;
    }
    return true;
  }

  private static void refuse(
      ProblemCode code, String detail, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (code == ProblemCode.UNAUTHENTICATED) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    ResponseEntity<byte[]> answer =
        ProblemAnswer.of(Problem.of(code, detail), request, new HttpHeaders());
    response.setStatus(answer.getStatusCode().value());
    answer.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    response.getOutputStream().write(Objects.requireNonNull(answer.getBody()));
  }

  /** A request that says who makes it. */
  private static final class Known extends HttpServletRequestWrapper {
    private final Caller caller;

    Known(HttpServletRequest request, Caller caller) {
      super(request);
      this.caller = caller;
    }

    @Override
    public String getRemoteUser() {
      return caller.name();
    }

    @Override
    public String getAuthType() {
      return caller.mechanism().name();
    }

    @Override
    public boolean isUserInRole(String role) {
      return caller.duties().stream().anyMatch(duty -> duty.word().equals(role));
    }
  }
}
