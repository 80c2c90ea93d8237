package io.fermata.api.access;

import static io.fermata.api.access.Duty.ADMIN;
import static io.fermata.api.access.Duty.AUDITOR;
import static io.fermata.api.access.Duty.METRICS;
import static io.fermata.api.access.Duty.OPERATOR;
import static io.fermata.api.access.Duty.RESOLVER;
import static io.fermata.api.access.Duty.VIEWER;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Every path and method of the API, and who may use it. What is not here is refused. */
public final class AccessTable {
  private static final String API = "/api/v1";
  private static final Set<Duty> ALL = EnumSet.allOf(Duty.class);
  private static final Set<Duty> READ = EnumSet.of(VIEWER, OPERATOR, ADMIN, RESOLVER, AUDITOR);
  private static final Set<Duty> OPERATE = EnumSet.of(OPERATOR, ADMIN);
  private static final Set<Duty> ADMINISTER = EnumSet.of(ADMIN);

  private AccessTable() {}

  /**
   * One line; the first one that fits counts.
   *
   * @param open whether even those may who do not say who they are
   * @param scoped whether it shows and does only what is of the caller's tenant; others are for
   *     callers who may see all
   */
  public record Line(
      String method, PathPattern path, Set<Duty> duties, boolean open, boolean scoped) {
    boolean fits(String asked, PathContainer at) {
      boolean same = method.equals(asked) || (method.equals("GET") && asked.equals("HEAD"));
      return same && path.matches(at);
    }
  }

  private static final List<Line> LINES =
      List.of(
          open("/livez"),
          open("/readyz"),
          open("/actuator/health/**"),
          ofTenants("GET", "/", ALL),
          line("GET", "/actuator", READ),
          line("GET", "/actuator/info", ALL),
          line("GET", "/actuator/prometheus", EnumSet.of(METRICS, ADMIN)),
          line("GET", "/actuator/sbom/**", READ),
          ofTenants("GET", API + "/whoami", ALL),
          ofTenants("GET", API + "/help", ALL),
          ofTenants("GET", API + "/openapi.yaml", ALL),
          ofTenants("GET", API + "/runbooks/**", ALL),
          line("GET", API + "/audit/**", EnumSet.of(AUDITOR)),
          ofTenants("GET", API + "/hosts/**", READ),
          ofTenants("GET", API + "/devices/**", READ),
          ofTenants("GET", API + "/migrations/**", READ),
          line("GET", API + "/events", READ),
          line("GET", API + "/drains/**", READ),
          line("GET", API + "/limits", READ),
          line("GET", API + "/queue", READ),
          line("GET", API + "/admission", READ),
          line("GET", API + "/replicas/**", READ),
          line("GET", API + "/recovery", READ),
          line("POST", API + "/recovery/accept", EnumSet.of(ADMIN, RESOLVER)),
          line("GET", API + "/subscriptions/**", READ),
          ofTenants("POST", API + "/plans/**", OPERATE),
          ofTenants("POST", API + "/migrations", OPERATE),
          line("POST", API + "/migrations/-/abort", OPERATE),
          ofTenants("POST", API + "/migrations/{m}/abort", OPERATE),
          ofTenants("POST", API + "/migrations/{m}/switchover", OPERATE),
          ofTenants("POST", API + "/migrations/{m}/retry", OPERATE),
          ofTenants("PATCH", API + "/migrations/{m}", OPERATE),
          ofTenants("POST", API + "/migrations/{m}/resolve", EnumSet.of(RESOLVER)),
          line("POST", API + "/drains/**", OPERATE),
          line("POST", API + "/hosts/{h}/cordon", OPERATE),
          line("POST", API + "/hosts/{h}/uncordon", OPERATE),
          line("POST", API + "/hosts/{h}/quarantine", ADMINISTER),
          line("POST", API + "/hosts/{h}/unquarantine", ADMINISTER),
          line("POST", API + "/hosts/{h}/devices/{d}/reset", ADMINISTER),
          line("PUT", API + "/hosts/{h}", ADMINISTER),
          line("DELETE", API + "/hosts/{h}", ADMINISTER),
          line("PUT", API + "/limits", ADMINISTER),
          line("PUT", API + "/admission", ADMINISTER),
          line("POST", API + "/replicas/**", ADMINISTER),
          line("POST", API + "/subscriptions/**", ADMINISTER),
          line("DELETE", API + "/subscriptions/**", ADMINISTER));

  private static Line open(String path) {
    return new Line("GET", pattern(path), ALL, true, true);
  }

  private static Line line(String method, String path, Set<Duty> duties) {
    return new Line(method, pattern(path), duties, false, false);
  }

  private static Line ofTenants(String method, String path, Set<Duty> duties) {
    return new Line(method, pattern(path), duties, false, true);
  }

  private static PathPattern pattern(String path) {
    return PathPatternParser.defaultInstance.parse(path);
  }

  /** The line for a request, or empty when there is none. */
  public static Optional<Line> line(String method, String path) {
    PathContainer at = PathContainer.parsePath(path);
    return LINES.stream().filter(line -> line.fits(method, at)).findFirst();
  }
}
