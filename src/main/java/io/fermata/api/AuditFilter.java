package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemAnswer;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.audit.AuditTrail;
import io.fermata.audit.AuditUnavailable;
import io.fermata.audit.Deed;
import io.fermata.audit.Deed.Decision;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Puts every request that would change something on record, twice: before its handler runs, which
 * then is refused if that cannot be done, and after it was answered. A request that never got to a
 * handler, because it was denied or led nowhere, has the second record only. An abort waits for no
 * record: a guest may be dark.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 7)
class AuditFilter extends OncePerRequestFilter implements HandlerInterceptor {
  /** Paths that change nothing although they are posted. */
  private static final Set<String> HARMLESS = Set.of("/api/v1/plans");

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final String ATTEMPT = AuditFilter.class.getName() + ".attempt";
  private static final String ABORT = "migrations.abort";
  private static final int SHOWN_MAX = 300;

  private final AuditTrail trail;
  private final Ids ids;
  private final InstantSource time;

  AuditFilter(AuditTrail trail, Ids ids, InstantSource time) {
    this.trail = trail;
    this.ids = ids;
    this.time = time;
  }

  /** Lets handlers be preceded by their record. */
  @Configuration(proxyBeanMethods = false)
  static class Web implements WebMvcConfigurer {
    private final AuditFilter filter;

    Web(AuditFilter filter) {
      this.filter = filter;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
      registry.addInterceptor(filter).addPathPatterns("/api/**");
    }
  }

  /** What is about to be tried; the last record is made of it. */
  private record Attempt(
      String actor,
      String mechanism,
      String action,
      String subject,
      @Nullable Long version,
      @Nullable String reason) {}

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !audited(request);
  }

  /** Looks at the decoded path, as the dispatcher does: {@code /%61pi} is no way around. */
  private static boolean audited(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.startsWith("/api/")
        && !READING.contains(request.getMethod())
        && !HARMLESS.contains(path);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader(RequestId.HEADER, RequestId.of(request));
    boolean answered = false;
    try {
      chain.doFilter(request, response);
      answered = true;
    } finally {
      trail.later(outcome(request, response, answered ? response.getStatus() : 500));
    }
  }

  /** The record before the deed. */
  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    // Anything but a method is the handler of paths that lead nowhere.
    if (!audited(request) || !(handler instanceof HandlerMethod)) {
      return true;
    }
    Attempt attempt = attempt(request);
    Deed deed = deed(request, attempt, Decision.ATTEMPT, null, null);
    request.setAttribute(ATTEMPT, attempt);
    if (attempt.action().equals(ABORT)) {
      trail.later(deed);
      return true;
    }
    try {
      trail.before(deed);
      return true;
    } catch (AuditUnavailable down) {
      throw new Refused(
          Problem.of(
                  ProblemCode.AUDIT_UNAVAILABLE,
                  "nothing was done, since it cannot be put on record: " + down.getMessage())
              .withRunbook("FermataAuditWriteFailing")
              .withNext("curl $F/runbooks/FermataAuditWriteFailing"));
    }
  }

  private Attempt attempt(HttpServletRequest request) {
    Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    String action = pattern == null ? "unknown" : action(request.getMethod(), pattern.toString());
    String named = named(request);
    Migration present = action.startsWith("migrations.") ? migration(named) : null;
    return new Attempt(
        Actor.of(request),
        Actor.mechanism(request),
        action,
        present == null ? named : present.id().value(),
        present == null ? null : (Long) present.version(),
        reason(request));
  }

  /** {@code POST /api/v1/migrations/{m}/abort} is {@code migrations.abort}. */
  static String action(String method, String pattern) {
    StringBuilder words = new StringBuilder();
    boolean verb = true;
    int parts = 0;
    for (String part : pattern.replaceFirst("^/api/v1/", "").split("/")) {
      boolean variable = part.startsWith("{");
      verb = variable || parts == 0;
      parts++;
      if (!variable) {
        words.append(words.isEmpty() ? "" : ".").append(part);
      }
    }
    return verb ? words + "." + verb(method) : words.toString();
  }

  private static String verb(String method) {
    return switch (method) {
      case "POST" -> "create";
      case "PATCH" -> "change";
      default -> method.toLowerCase(Locale.ROOT);
    };
  }

  /** The last variable of the path: a migration, a host, a drain. */
  private static String named(HttpServletRequest request) {
    Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
    if (variables instanceof Map<?, ?> map && !map.isEmpty()) {
      return shown(String.join("/", map.values().stream().map(String::valueOf).toList()));
    }
    return "";
  }

  private @Nullable Migration migration(String named) {
    try {
      return named.isEmpty() ? null : ids.find(named).migration();
    } catch (Refused | Migrations.Unreadable unknown) {
      return null; // the handler says so in its own words
    }
  }

  private static @Nullable String reason(HttpServletRequest request) {
    try {
      return StartRequest.reason(Bodies.of(request));
    } catch (Refused unreadable) {
      return null; // the handler says so in its own words
    }
  }

  private Deed outcome(HttpServletRequest request, HttpServletResponse response, int status) {
    Attempt attempt =
        request.getAttribute(ATTEMPT) instanceof Attempt known
            ? known
            : new Attempt(Actor.of(request), Actor.mechanism(request), "unknown", "", null, null);
    Attempt named = attempt.subject().isEmpty() ? located(attempt, response) : attempt;
    return deed(request, named, decision(status), status, response);
  }

  /** What was made has its name in the answer. */
  private static Attempt located(Attempt attempt, HttpServletResponse response) {
    String location = response.getHeader("Location");
    String name = location == null ? "" : location.substring(location.lastIndexOf('/') + 1);
    return new Attempt(
        attempt.actor(), attempt.mechanism(), attempt.action(), name, null, attempt.reason());
  }

  private static Decision decision(int status) {
    if (status < 400) {
      return Decision.DONE;
    }
    if (status == 401 || status == 403) {
      return Decision.DENIED;
    }
    return status < 500 ? Decision.REFUSED : Decision.FAILED;
  }

  private Deed deed(
      HttpServletRequest request,
      Attempt attempt,
      Decision decision,
      @Nullable Integer status,
      @Nullable HttpServletResponse response) {
    Object code = request.getAttribute(ProblemAnswer.CODE);
    var details =
        new Deed.Details(
            attempt.mechanism(),
            request.getRemoteAddr(),
            RequestId.of(request),
            asked(request),
            attempt.reason(),
            status,
            code == null ? null : code.toString(),
            attempt.version(),
            decision == Decision.DONE ? after(attempt) : null,
            response != null && response.getHeader(IdempotencyKey.REPLAYED) != null);
    return new Deed(
        time.millis(), attempt.actor(), attempt.action(), attempt.subject(), decision, details);
  }

  private @Nullable Long after(Attempt attempt) {
    Migration after =
        attempt.action().startsWith("migrations.") ? migration(attempt.subject()) : null;
    return after == null ? null : (Long) after.version();
  }

  private static String asked(HttpServletRequest request) {
    String query = request.getQueryString() == null ? "" : "?" + request.getQueryString();
    return shown(HttpMethod.valueOf(request.getMethod()) + " " + request.getRequestURI() + query);
  }

  private static String shown(String text) {
    String cut = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
