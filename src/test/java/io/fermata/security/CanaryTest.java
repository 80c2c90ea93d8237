package io.fermata.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.fermata.api.Issuer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every secret of a whole installation is a canary, and none of them is heard: not in what the
 * processes log at their most talkative, nor in what they answer, count, pack or send.
 */
class CanaryTest {
  private static final String HOOK = "canary-webhook-7d0a4e91c2";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private Path folder;
  private final PrintStream console = System.out;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final Map<String, String> heard = new LinkedHashMap<>();
  private Issuer issuer;
  private HttpServer receiver;
  private SecuredHosts hosts;
  private String token;
  private String orchestrator;

  @BeforeEach
  void start() throws IOException {
    System.setOut(new PrintStream(log, true, UTF_8));
    issuer = new Issuer();
    token = issuer.token("alice", "operator", "admin", "auditor", "resolver");
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          sent.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
    hosts = new SecuredHosts(folder);
    String talk = "--logging.level.io.fermata=trace";
    String[] own = SecuredHosts.ofVm("vm-1");
    int a = hosts.agent("host-a", own[0], own[1], talk);
    int b = hosts.agent("host-b", talk);
    int port =
        hosts.orchestrator(
            List.of("host-a", "host-b"),
            List.of(a, b),
            talk,
            "--fermata.access.issuer=" + issuer.uri(),
            "--fermata.webhooks.allow=" + hook());
    orchestrator = "http://127.0.0.1:" + port;
  }

  @AfterEach
  void end() {
    hosts.close();
    receiver.stop(0);
    issuer.close();
    System.setOut(console);
  }

  private String hook() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort();
  }

  @Test
  void noneIsHeard() throws Exception {
    String subscription = "{\"url\":\"" + hook() + "/x\",\"secret\":\"" + HOOK + "\"}";
    assertEquals(201, ask("POST", "/api/v1/subscriptions", subscription, ""), heard.toString());
    heard.clear(); // that answer shows the secret, this once
    String order = "{\"vm\":\"vm-1\",\"source\":\"host-a\",\"destination\":\"host-b\"}";
    await().until(() -> ask("POST", "/api/v1/plans", order, "plan") == 200);
    assertEquals(202, ask("POST", "/api/v1/migrations", order, "start"));
    String id = JsonMapper.shared().readTree(heard.get("start")).path("id").asString();
    ask("GET", "/api/v1/migrations/" + id + "?wait=30s&until=done", null, "end");
    assertTrue(heard.get("end").contains("SUCCEEDED"), heard.get("end"));
    await().until(() -> sent.stream().anyMatch(body -> body.contains(id)));
    mistakes();
    look(id);

    Map<String, String> canaries = canaries();
    assertTrue(heard.get("log").contains("alice"), "the log was not kept");
    List<String> found = new ArrayList<>();
    canaries.forEach((what, canary) ->
        heard.forEach((where, text) -> {
          if (text.contains(canary)) {
            found.add(what + " in " + where);
          }
        }));
    assertEquals(List.of(), found);
  }

  /** What goes wrong is told in more words than what goes well. */
  private void mistakes() throws Exception {
    String torn = "{\"url\":\"" + hook() + "\",\"secret\":\"" + HOOK;
    assertEquals(400, ask("POST", "/api/v1/subscriptions", torn, "torn body"));
    String odd = "{\"url\":\"" + hook() + "\",\"secret\":\"" + HOOK + "\",\"oops\":1}";
    assertEquals(422, ask("POST", "/api/v1/subscriptions", odd, "unknown field"));
    String elsewhere = "{\"url\":\"http://192.0.2.1/\",\"secret\":\"" + HOOK + "\"}";
    assertEquals(422, ask("POST", "/api/v1/subscriptions", elsewhere, "forbidden url"));
    String right = token;
    token = right + "x";
    assertEquals(401, ask("GET", "/api/v1/hosts", null, "spoilt token"));
    token = right;
  }

  private void look(String id) throws Exception {
    String migration = "/api/v1/migrations/" + id;
    for (String path :
        List.of(
            migration,
            migration + "/events",
            migration + "/timeline",
            migration + "/explain",
            "/api/v1/events",
            "/api/v1/audit",
            "/api/v1/hosts",
            "/api/v1/devices",
            "/api/v1/replicas",
            "/api/v1/subscriptions",
            "/api/v1/whoami",
            "/actuator/prometheus",
            "/actuator/info")) {
      assertEquals(200, ask("GET", path, null, path), path);
    }
    bundle(migration + "/bundle");
    var metrics = hosts.authority.client(hosts.leaf("orchestrator", "one"));
    for (int i = 0; i < 2; i++) {
      String port = hosts.context(i).getEnvironment().getProperty("local.server.port");
      String agent = "https://127.0.0.1:" + port;
      heard.put("agent metrics " + i, hosts.get(metrics, agent + "/actuator/prometheus").body());
      heard.put("agent status " + i, hosts.get(metrics, agent + "/agent/v1/status").body());
    }
    heard.put("webhooks", String.join("\n", sent));
    heard.put("log", log.toString(UTF_8));
  }

  private void bundle(String path) throws Exception {
    byte[] zip = CLIENT.send(request("GET", path, null), BodyHandlers.ofByteArray()).body();
    try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        heard.put("bundle " + entry.getName(), new String(in.readAllBytes(), UTF_8));
      }
    }
    assertTrue(heard.containsKey("bundle settings.json"), heard.keySet().toString());
  }

  private Map<String, String> canaries() throws Exception {
    Map<String, String> canaries = new LinkedHashMap<>();
    canaries.put("the webhook's secret", HOOK);
    canaries.put("the caller's token", token.substring(token.lastIndexOf('.') + 1));
    for (String who : List.of("host-a", "host-b", "orchestrator")) {
      String key = Files.readString(hosts.files(who).resolve("tls.key"));
      canaries.put("the key of " + who, key.lines().toList().get(1));
    }
    String journal = "jdbc:sqlite:" + folder.resolve("journal/fermata.db");
    try (var connection = DriverManager.getConnection(journal);
        var rows = connection.createStatement().executeQuery("select data from migration")) {
      while (rows.next()) {
        String secret = JsonMapper.shared().readTree(rows.getString(1)).path("token").asString();
        assertTrue(secret.length() >= 32, "no token in " + rows.getString(1));
        canaries.put("the data plane's token", secret);
      }
    }
    assertEquals(6, canaries.size());
    return canaries;
  }

  private int ask(String method, String path, String body, String as) throws Exception {
    var answer = CLIENT.send(request(method, path, body), BodyHandlers.ofString());
    heard.put(as, answer.body());
    heard.put(as + " (headers)", answer.headers().map().toString());
    return answer.statusCode();
  }

  private HttpRequest request(String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create(orchestrator + path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }
}
