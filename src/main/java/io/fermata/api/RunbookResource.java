package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * What to do about an alert: one runbook for each, served by the program it is about, so that it is
 * there when nothing else can be reached and always of the version that runs. Text unless JSON is
 * asked for.
 */
@RestController
class RunbookResource {
  private static final String PLACE = "classpath:/runbooks/*.md";
  private static final String ENDING = ".md";

  private final SortedMap<String, String> runbooks = new TreeMap<>();

  RunbookResource() throws IOException {
    for (Resource resource : new PathMatchingResourcePatternResolver().getResources(PLACE)) {
      String name = Objects.requireNonNull(resource.getFilename());
      String alert = name.substring(0, name.length() - ENDING.length());
      runbooks.put(alert, resource.getContentAsString(UTF_8));
    }
  }

  /** The alerts that have a runbook. */
  record Alerts(List<String> items) {}

  /** One runbook for programs. */
  record Runbook(String alert, String markdown) {}

  @GetMapping(
      path = "/api/v1/runbooks",
      produces = {"text/plain;charset=UTF-8", MediaType.APPLICATION_JSON_VALUE})
  Answer all(HttpServletRequest request) {
    Given.query(request).check();
    Sheet sheet = new Sheet();
    runbooks.keySet().forEach(sheet::line);
    List<String> alerts = List.copyOf(runbooks.keySet());
    return new Answer(new Alerts(alerts), sheet.next(Curl.get("/runbooks/" + alerts.getFirst())));
  }

  @GetMapping(
      path = "/api/v1/runbooks/{alert}",
      produces = {"text/plain;charset=UTF-8", MediaType.APPLICATION_JSON_VALUE})
  Answer one(@PathVariable String alert, HttpServletRequest request) {
    Given.query(request).check();
    String markdown = runbooks.get(alert);
    if (markdown == null) {
      throw new Refused(
          Problem.of(ProblemCode.NOT_FOUND, "no alert has that name").withNext("curl $F/runbooks"));
    }
    String next = "\nnext: " + Curl.get("/migrations?phase=active") + "\n";
    return new Answer(new Runbook(alert, markdown), markdown + next);
  }
}
