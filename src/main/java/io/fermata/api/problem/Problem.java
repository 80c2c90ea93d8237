package io.fermata.api.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem document (RFC 9457) with the members that this API adds.
 *
 * @param instance the path that was asked for, or null
 * @param retryable whether the same request may go through later, unchanged
 * @param phase where the migration stands, or null
 * @param violations what is wrong with the request, field by field
 * @param runbook where to read what to do, or null
 * @param next commands that may be run next
 * @param candidates ids that begin like the one that was given
 */
public record Problem(
    String type,
    String title,
    int status,
    ProblemCode code,
    String detail,
    @Nullable String instance,
    boolean retryable,
    @Nullable String phase,
    @Nullable String host,
    @Nullable String device,
    List<Violation> violations,
    @Nullable String runbook,
    List<String> next,
    List<String> candidates) {
  /** The media type of all of them. */
  public static final String MEDIA_TYPE = "application/problem+json";

  public Problem {
    violations = List.copyOf(violations);
    next = List.copyOf(next);
    candidates = List.copyOf(candidates);
  }

  /** A problem that needs no more words. */
  public static Problem of(ProblemCode code, String detail) {
    return new Problem(
        code.type(),
        code.title(),
        code.status(),
        code,
        detail,
        null,
        code.retryable(),
        null,
        null,
        null,
        List.of(),
        null,
        List.of(),
        List.of());
  }

  /** Something is wrong with these fields. */
  public static Problem of(ProblemCode code, List<Violation> violations) {
    Violation first = violations.getFirst();
    String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
    return of(code, first.field() + ": " + first.detail() + more)
        .withViolations(violations)
        .at(first.host(), first.device());
  }

  /** With the path that was asked for. */
  public Problem withInstance(String path) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        path,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        next,
        candidates);
  }

  /** With the phase of the migration that it is about. */
  public Problem inPhase(String phase) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        next,
        candidates);
  }

  /** With the host that it is about. */
  public Problem onHost(String host) {
    return at(host, null);
  }

  /** With the device that it is about. */
  public Problem onDevice(String host, String device) {
    return at(host, device);
  }

  /** With what to run next. */
  public Problem withNext(String... commands) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        List.of(commands),
        candidates);
  }

  /** With the runbook of that alert. */
  public Problem withRunbook(String alert) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        "/api/v1/runbooks/" + alert,
        next,
        candidates);
  }

  /** With the ids that it could mean. */
  public Problem withCandidates(List<String> ids) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        next,
        ids);
  }

  private Problem withViolations(List<Violation> violations) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        next,
        candidates);
  }

  private Problem at(@Nullable String host, @Nullable String device) {
    return new Problem(
        type,
        title,
        status,
        code,
        detail,
        instance,
        retryable,
        phase,
        host,
        device,
        violations,
        runbook,
        next,
        candidates);
  }
}
