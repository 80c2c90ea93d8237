package io.fermata.api.problem;

import io.fermata.api.Json;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * A problem as a response. It is written as bytes, so that no negotiation of types can fail on the
 * way out; for those who asked for text it is indented.
 */
public final class ProblemAnswer {
  /** The request attribute that holds the {@link ProblemCode} that was answered. */
  public static final String CODE = ProblemAnswer.class.getName() + ".code";

  /** A queue that is full takes a while. */
  private static final String QUEUE_SECONDS = "30";

  private ProblemAnswer() {}

  /** The response; the headers are added to it. */
  public static ResponseEntity<byte[]> of(
      Problem problem, HttpServletRequest request, HttpHeaders headers) {
    request.setAttribute(CODE, problem.code());
    Problem full = problem.instance() == null ? problem.withInstance(path(request)) : problem;
    return ResponseEntity.status(full.status())
        .headers(headers)
        .headers(later -> retryAfter(full.code(), later))
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .contentType(MediaType.parseMediaType(Problem.MEDIA_TYPE))
        .body(wantsText(request) ? Json.indented(full) : Json.bytes(full));
  }

  private static void retryAfter(ProblemCode code, HttpHeaders headers) {
    if (code == ProblemCode.QUEUE_FULL) {
      headers.set(HttpHeaders.RETRY_AFTER, QUEUE_SECONDS);
    }
  }

  private static String path(HttpServletRequest request) {
    Object asked = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    return asked == null ? request.getRequestURI() : asked.toString();
  }

  private static boolean wantsText(HttpServletRequest request) {
    return textIn(request.getHeader(HttpHeaders.ACCEPT), MediaType.TEXT_PLAIN_VALUE)
        || textIn(request.getQueryString(), "o=text");
  }

  private static boolean textIn(@Nullable String given, String wanted) {
    return given != null && given.contains(wanted);
  }
}
