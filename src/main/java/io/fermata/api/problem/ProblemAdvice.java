package io.fermata.api.problem;

import io.fermata.audit.AuditUnavailable;
import io.fermata.drain.Drains;
import io.fermata.migration.Migrations;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Turns whatever ends a request into a problem document: the edge of every request's thread. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

  @ExceptionHandler
  ResponseEntity<byte[]> refused(Refused refused, HttpServletRequest request) {
    return ProblemAnswer.of(refused.problem(), request, new HttpHeaders());
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unreadable(Migrations.Unreadable down, HttpServletRequest request) {
    LOG.warn("{} {}: {}", request.getMethod(), request.getRequestURI(), down.getMessage());
    String detail = "the journal cannot be read: " + down.getMessage();
    Problem problem = Problem.of(ProblemCode.JOURNAL_UNAVAILABLE, detail);
    return ProblemAnswer.of(problem, request, new HttpHeaders());
  }

  @ExceptionHandler
  ResponseEntity<byte[]> undrained(Drains.Unreadable down, HttpServletRequest request) {
    LOG.warn("{} {}: {}", request.getMethod(), request.getRequestURI(), down.getMessage());
    String detail = "the journal cannot be read: " + down.getMessage();
    Problem problem = Problem.of(ProblemCode.JOURNAL_UNAVAILABLE, detail);
    return ProblemAnswer.of(problem, request, new HttpHeaders());
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unaudited(AuditUnavailable down, HttpServletRequest request) {
    LOG.warn("{} {}: {}", request.getMethod(), request.getRequestURI(), down.getMessage());
    String detail = "the audit trail cannot be read: " + down.getMessage();
    Problem problem = Problem.of(ProblemCode.AUDIT_UNAVAILABLE, detail);
    return ProblemAnswer.of(problem, request, new HttpHeaders());
  }

  /** The client has gone: nobody reads an answer. */
  @ExceptionHandler
  void gone(AsyncRequestNotUsableException gone) {
    LOG.debug("client gone: {}", gone.getMessage());
  }

  @ExceptionHandler
  @Nullable ResponseEntity<byte[]> other(
      Exception broken, HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted()) {
      LOG.warn("{} broke off: {}", request.getRequestURI(), broken.toString());
      return null;
    }
    if (broken instanceof ErrorResponse known) {
      Problem problem = Problem.of(code(known), detail(broken, request));
      return ProblemAnswer.of(problem, request, known.getHeaders());
    }
    LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), broken);
    Problem problem =
        Problem.of(ProblemCode.INTERNAL, "the server failed; its log has the reason at this time");
    return ProblemAnswer.of(problem, request, new HttpHeaders());
  }

  private static ProblemCode code(ErrorResponse known) {
    return ProblemCode.ofStatus(known.getStatusCode().value());
  }

  private static String detail(Exception broken, HttpServletRequest request) {
    String asked = request.getMethod() + " " + request.getRequestURI();
    return switch (broken) {
      case HttpRequestMethodNotSupportedException e ->
          asked + " is not possible; allowed: " + methods(e.getSupportedHttpMethods());
      case HttpMediaTypeNotAcceptableException e ->
          "this resource comes as application/json or text/plain (?o=json, ?o=text)";
      default -> asked + " leads nowhere; see GET /api/v1/help";
    };
  }

  private static String methods(@Nullable Set<HttpMethod> methods) {
    return methods == null
        ? "none"
        : methods.stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
  }
}
