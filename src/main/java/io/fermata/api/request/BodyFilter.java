package io.fermata.api.request;

import io.fermata.api.ApiSettings;
import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemAnswer;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Reads body and query once, up to the limit, before anybody looks at parameters: the container
 * would otherwise eat a form body to find them, and log a query that cannot be decoded as its own
 * failure.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BodyFilter extends OncePerRequestFilter {
  private final int bytesMax;

  BodyFilter(ApiSettings settings) {
    bytesMax = settings.bodyBytesMax();
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getServletPath().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    byte[] body =
        request.getContentLengthLong() > bytesMax
            ? null
            : request.getInputStream().readNBytes(bytesMax + 1);
    if (body == null || body.length > bytesMax) {
      String most = "a body has at most " + bytesMax + " bytes";
      refuse(Problem.of(ProblemCode.BODY_TOO_LARGE, most), request, response);
      return;
    }
    BufferedRequest buffered;
    try {
      buffered = new BufferedRequest(request, body);
    } catch (Refused refused) {
      refuse(refused.problem(), request, response);
      return;
    }
    chain.doFilter(buffered, response);
  }

  private static void refuse(
      Problem problem, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ResponseEntity<byte[]> answer = ProblemAnswer.of(problem, request, new HttpHeaders());
    response.setStatus(answer.getStatusCode().value());
    answer.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    response.getOutputStream().write(Objects.requireNonNull(answer.getBody()));
  }
}
