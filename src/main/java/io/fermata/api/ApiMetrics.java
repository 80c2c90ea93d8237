package io.fermata.api;

import static io.fermata.metrics.Instruments.label;

import io.fermata.api.problem.ProblemAnswer;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Checks.Check;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** What the API counts: refused starts, repeated requests, prechecks, those who wait and follow. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class ApiMetrics extends OncePerRequestFilter {
  private static final String STREAMS = "fermata_stream_clients";

  private final Counter rejections;
  private final Counter replays;
  private final Counter prechecks;
  private final Counter dropped;

  ApiMetrics(PrometheusRegistry registry, Clients clients) {
    Instruments instruments = new Instruments(registry);
    rejections =
        instruments.counter(
            "fermata_rejections_total", "Starts and retries that were refused.", "code");
    replays =
        instruments.counter(
            "fermata_idempotent_replays_total",
            "Requests whose Idempotency-Key was known.",
            "result");
    prechecks =
        instruments.counter(
            "fermata_prechecks_total", "Prechecks of plans and starts.", "check", "result");
    dropped =
        instruments.counter(
            "fermata_stream_dropped_total",
            "Clients that were turned away, or were gone when they were written to.",
            "reason");
    List.of("replayed", "mismatch", "in_flight").forEach(replays::initLabelValues);
    List.of("full", "gone").forEach(dropped::initLabelValues);
    instruments.read(
        new Gauges(
                readings -> {
                  for (Clients.Kind kind : Clients.Kind.values()) {
                    readings.put(STREAMS, clients.taken(kind), label(kind));
                  }
                })
            .gauge(STREAMS, "Clients that wait for a migration or follow events.", "kind"));
  }

  /** The prechecks of one order. */
  void checked(List<Check> checks) {
    checks.forEach(check -> prechecks.labelValues(check.id(), label(check.verdict())).inc());
  }

  /** A follower was written to and was not there any more. */
  void followerGone() {
    dropped.labelValues("gone").inc();
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getServletPath().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(request, response);
    if (response.getHeader(IdempotencyKey.REPLAYED) != null) {
      replays.labelValues("replayed").inc();
    }
    if (request.getAttribute(ProblemAnswer.CODE) instanceof ProblemCode code) {
      refused(code, request);
    }
  }

  private void refused(ProblemCode code, HttpServletRequest request) {
    String path = request.getRequestURI();
    boolean starts = path.endsWith("/migrations") || path.endsWith("/retry");
    if (starts && request.getMethod().equals("POST")) {
      rejections.labelValues(label(code)).inc();
    }
    switch (code) {
      case KEY_REUSED -> replays.labelValues("mismatch").inc();
      case KEY_IN_USE -> replays.labelValues("in_flight").inc();
      case TOO_MANY_CLIENTS -> dropped.labelValues("full").inc();
      default -> {}
    }
  }
}
