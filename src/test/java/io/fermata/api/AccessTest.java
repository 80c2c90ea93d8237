package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jwt.JWTClaimsSet;
import io.fermata.api.access.AccessTable;
import io.fermata.api.access.Duty;
import io.fermata.handover.HostName;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Order;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The API with an issuer: who gets in, and for what. */
class AccessTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Issuer issuer;
  private static ServletWebServerApplicationContext context;
  private static FakeMigrations migrations;

  @BeforeAll
  static void start() {
    issuer = new Issuer();
    context =
        (ServletWebServerApplicationContext)
            SpringApplication.run(
                ApiServer.Room.class,
                "--server.port=0",
                "--fermata.access.issuer=" + issuer.uri(),
                "--fermata.access.authorized-parties=console",
                "--fermata.access.rate-per-second=1",
                "--fermata.access.burst=400",
                "--fermata.access.vms[0].name=vm-1",
                "--fermata.access.vms[0].labels.tenant=red",
                "--fermata.access.vms[1].name=vm-9*",
                "--fermata.access.vms[1].labels.tenant=blue");
    migrations = context.getBean(FakeMigrations.class);
  }

  @AfterAll
  static void end() {
    context.close();
    issuer.close();
  }

  @BeforeEach
  void empty() {
    migrations.clear();
  }

  @Test
  void everyPathIsInTheTableAndEveryRoleIsRefusedWhereItHasNoPlace() {
    Map<String, String> asked = mappings();
    assertTrue(asked.size() > 15, asked.toString());
    for (String each : asked.keySet()) {
      String method = each.split(" ")[0];
      String path = each.split(" ")[1];
      AccessTable.Line line =
          AccessTable.line(method, path)
              .orElseThrow(() -> new AssertionError("not in the table: " + each));
      assertFalse(line.open(), each + " is open to strangers");
      assertEquals(401, status(method, path, null), each + " without a token");
      assertEquals(403, status(method, path, issuer.token("nobody")), each + " without a role");
      for (Duty duty : Duty.values()) {
        int status = status(method, path, issuer.token("who-" + duty, duty.word()));
        boolean refused = status == 403 || status == 401;
        assertEquals(!line.duties().contains(duty), refused, each + " as " + duty + ": " + status);
      }
    }
  }

  /** Every method and path that Spring serves below the API, with a word for each variable. */
  private static Map<String, String> mappings() {
    Map<String, String> asked = new TreeMap<>();
    var mapping =
        context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
    mapping
        .getHandlerMethods()
        .forEach((info, handler) -> {
          for (RequestMethod method : info.getMethodsCondition().getMethods()) {
            for (String path : info.getPatternValues()) {
              asked.put(method + " " + path.replaceAll("\\{[^}]*}", "x"), handler.toString());
            }
          }
        });
    asked.keySet().removeIf(each -> !each.contains("/api/"));
    return asked;
  }

  @Test
  void whatIsInNoLineIsRefusedToEverybody() {
    String all = issuer.token("root", "admin", "operator", "resolver", "auditor", "metrics");
    for (String path :
        List.of(
            "/api/v1/nothing",
            "/%61pi/v1/hosts",
            "/livez;a=b",
            "/error",
            "/actuator/env",
            "/api/v2/x")) {
      assertEquals(404, status("GET", path, all), path);
      assertEquals(401, status("GET", path, null), path);
    }
    assertEquals(404, status("DELETE", "/api/v1/migrations/x", all));
  }

  @Test
  void onlyATokenThatIsWhollyRightIsTaken() {
    assertEquals(200, status("GET", "/api/v1/whoami", issuer.token("alice", "viewer")));
    Instant past = Instant.now().minusSeconds(600);
    Map<String, String> wrong =
        Map.of(
            "issuer", issuer.token(with -> viewer(with).issuer("http://elsewhere")),
            "audience", issuer.token(with -> viewer(with).audience("other")),
            "no audience", issuer.token(with -> viewer(with).audience((String) null)),
            "party", issuer.token(with -> viewer(with).claim("azp", "toy")),
            "over", issuer.token(with -> viewer(with).expirationTime(Date.from(past))),
            "no end", issuer.token(with -> viewer(with).expirationTime(null)),
            "nobody", issuer.token(with -> viewer(with).subject(null)),
            "other key", issuer.token(Issuer.key("k1"), AccessTest::viewer),
            "unsigned", unsigned(issuer.token("alice", "viewer")),
            "no token", "abc");
    wrong.forEach((what, token) -> {
      HttpResponse<String> answer = send("GET", "/api/v1/whoami", token);
      assertEquals(401, answer.statusCode(), what);
      assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""), what);
      assertFalse(answer.body().contains(token), "a token is not repeated");
    });
    assertEquals(401, basic(), "no passwords");
  }

  private static JWTClaimsSet.Builder viewer(JWTClaimsSet.Builder claims) {
    return claims.claim("roles", List.of("viewer"));
  }

  private static String unsigned(String token) {
    String header = Base64.getUrlEncoder().encodeToString("{\"alg\":\"none\"}".getBytes(UTF_8));
    return header.replace("=", "") + "." + token.split("\\.")[1] + ".";
  }

  @Test
  void theIssuersKeysAreKeptAndANewOneIsFetched() {
    status("GET", "/api/v1/whoami", issuer.token("alice", "viewer"));
    int before = issuer.keysFetched.get();
    for (int i = 0; i < 5; i++) {
      assertEquals(200, status("GET", "/api/v1/whoami", issuer.token("alice", "viewer")));
    }
    assertEquals(before, issuer.keysFetched.get());
    issuer.useKey(Issuer.key("k2"));
    assertEquals(200, status("GET", "/api/v1/whoami", issuer.token("alice", "viewer")));
    assertEquals(before + 1, issuer.keysFetched.get());
  }

  @Test
  void whoamiSaysWhoOneIs() {
    var answer = send("GET", "/api/v1/whoami", tenant("red", "viewer"));
    var json = ApiServer.json(answer);
    assertEquals("carol", json.path("name").asString(), answer.body());
    assertEquals("bearer", json.path("mechanism").asString());
    assertEquals("red", json.path("tenant").asString());
    assertEquals("viewer", json.path("roles").path(0).asString());
    assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""));
    String policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
  }

  @Test
  void whatAnotherTenantHasIsNotThere() {
    put("7aaa1111", "vm-1");
    put("7bbb2222", "vm-9");
    put("7ccc3333", "vm-2");
    String red = tenant("red", "operator");
    String list = send("GET", "/api/v1/migrations", red).body();
    assertTrue(list.contains("7aaa1111"), list);
    assertFalse(list.contains("7bbb2222") || list.contains("7ccc3333"), list);
    assertEquals(200, status("GET", "/api/v1/migrations/7aaa", red));
    for (String other : List.of("7bbb", "7bbb2222", "7ccc3333", "7")) {
      var answer = send("GET", "/api/v1/migrations/" + other, red);
      assertEquals(404, answer.statusCode(), answer.body());
      assertEquals(404, status("POST", "/api/v1/migrations/" + other + "/abort", red));
      assertEquals(404, status("GET", "/api/v1/migrations/" + other + "/events", red));
    }
    var unknown = send("GET", "/api/v1/migrations/7bbb2223", red).body();
    var hidden = send("GET", "/api/v1/migrations/7bbb2222", red).body();
    assertEquals(unknown.replace("7bbb2223", "7bbb2222"), hidden, "the same words");
    String devices = send("GET", "/api/v1/devices", red).body();
    assertTrue(devices.contains("vm-1"), devices);
    assertFalse(devices.contains("vm-2") || devices.contains("vm-9"), devices);
    assertFalse(send("GET", "/api/v1/hosts/host-b", red).body().contains("vm-9"));
    var start = "{\"vm\":\"vm-9\",\"source\":\"host-b\",\"destination\":\"host-a\"}";
    assertEquals(422, post("/api/v1/migrations", red, start).statusCode());
    assertEquals(403, status("GET", "/api/v1/events", red), "of all tenants");
    assertEquals(200, status("GET", "/api/v1/events", issuer.token("ops", "viewer")));
  }

  @Test
  void whatWasAnsweredToAnotherIsNotToldForItsKey() {
    var start = "{\"vm\":\"vm-1\",\"source\":\"host-a\",\"destination\":\"host-b\"}";
    String mine = issuer.token("ops", "operator");
    var first = keyed(mine, start);
    assertEquals(202, first.statusCode(), first.body());
    assertEquals(first.body(), keyed(mine, start).body());
    var other = keyed(issuer.token("cloud", "operator"), start);
    assertEquals(422, other.statusCode(), other.body());
    assertTrue(other.body().contains("KEY_REUSED"), other.body());
  }

  @Test
  void whoAsksTooOftenWaitsAndMayStillAbort() {
    String busy = issuer.token("busy", "operator");
    int last = 200;
    for (int i = 0; i < 500 && last != 429; i++) {
      last = status("GET", "/api/v1/whoami", busy);
    }
    var answer = send("GET", "/api/v1/whoami", busy);
    assertEquals(429, answer.statusCode());
    assertTrue(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()) >= 1);
    assertEquals(404, status("POST", "/api/v1/migrations/7zzz/abort", busy));
    assertEquals(200, status("GET", "/api/v1/whoami", issuer.token("other", "viewer")));
  }

  @Test
  void theProbesNeedNoTokenAndTheMetricsDo() {
    assertEquals(200, status("GET", "/livez", null));
    assertEquals(401, status("GET", "/actuator/prometheus", null));
    assertEquals(403, status("GET", "/actuator/prometheus", issuer.token("x", "viewer")));
    var metrics = send("GET", "/actuator/prometheus", issuer.token("prom", "metrics"));
    assertEquals(200, metrics.statusCode());
    assertTrue(metrics.body().contains("fermata_auth_failures_total{"), metrics.body());
  }

  private static String tenant(String tenant, String role) {
    return issuer.token(
        claims -> claims.subject("carol").claim("roles", List.of(role)).claim("tenant", tenant));
  }

  private static void put(String id, String vm) {
    var order =
        new Order(
            vm,
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(),
            new Order.PreCopyTerms(false, 1, 1),
            0,
            Order.OnBudgetExceeded.ABORT,
            "why",
            "user");
    migrations.put(FakeMigrations.fresh(id, new Submission(order, "me", "api", 1, null, null)));
  }

  private static int basic() {
    var request = HttpRequest.newBuilder(at("/api/v1/whoami"));
    return send(request.header("Authorization", "Basic YWRtaW46YWRtaW4=")).statusCode();
  }

  private static int status(String method, String path, String token) {
    return send(method, path, token).statusCode();
  }

  private static HttpResponse<String> send(String method, String path, String token) {
    var request = HttpRequest.newBuilder(at(path)).method(method, BodyPublishers.noBody());
    return send(token == null ? request : request.header("Authorization", "Bearer " + token));
  }

  private static HttpResponse<String> post(String path, String token, String body) {
    return send(
        HttpRequest.newBuilder(at(path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> keyed(String token, String body) {
    return send(
        HttpRequest.newBuilder(at("/api/v1/migrations"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "k-17")
            .POST(BodyPublishers.ofString(body)));
  }

  private static URI at(String path) {
    return URI.create("http://127.0.0.1:" + context.getWebServer().getPort() + path);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("request failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
