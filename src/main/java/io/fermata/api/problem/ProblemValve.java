package io.fermata.api.problem;

import io.fermata.api.Json;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;

/**
 * Tomcat's own last page, for requests that never reached the application: a problem document in
 * place of HTML with a stack trace. Tomcat makes it by its class name.
 */
public class ProblemValve extends ErrorReportValve {
  @Override
  protected void report(Request request, Response response, Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    ProblemCode code = ProblemCode.ofStatus(status);
    Problem problem = Problem.of(code, code.title());
    byte[] body = Json.bytes(status == code.status() ? problem : withStatus(problem, status));
    response.setContentType(Problem.MEDIA_TYPE);
    response.setContentLength(body.length);
    try {
      OutputStream out = response.getReporter() == null ? null : response.getOutputStream();
      if (out != null) {
        out.write(body);
        response.finishResponse();
      }
    } catch (IOException e) {
      container.getLogger().debug("client gone before the error page", e);
    }
  }

  private static Problem withStatus(Problem problem, int status) {
    return new Problem(
        problem.type(),
        problem.title(),
        status,
        problem.code(),
        problem.detail(),
        null,
        problem.retryable(),
        null,
        null,
        null,
        problem.violations(),
        null,
        problem.next(),
        problem.candidates());
  }
}
