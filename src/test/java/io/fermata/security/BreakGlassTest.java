package io.fermata.security;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.wire.tls.Authority;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The issuer is down, and a person has to get in: by a client certificate, and everybody knows. */
class BreakGlassTest {
  @TempDir private Path folder;
  private SecuredHosts hosts;
  private Authority people;
  private String api;

  @BeforeEach
  void start() {
    hosts = new SecuredHosts(folder);
    people = new Authority("people");
    Path files = people.write(people.issue("api"), folder.resolve("files-api"));
    int port =
        hosts.orchestrator(
            List.of(),
            List.of(),
            "--fermata.demo.enabled=false",
            "--fermata.access.certificate=" + files.resolve("tls.crt"),
            "--fermata.access.private-key=" + files.resolve("tls.key"),
            "--fermata.access.client-authorities=" + files.resolve("ca.crt"),
            "--fermata.access.clients[0].subject=CN=oncall",
            "--fermata.access.clients[0].duties=admin,auditor,viewer,operator",
            "--fermata.access.clients[1].subject=CN=watcher",
            "--fermata.access.clients[1].duties=viewer");
    api = "https://127.0.0.1:" + port + "/api/v1/";
  }

  @AfterEach
  void end() {
    hosts.close();
  }

  @Test
  void aKnownCertificateOpensTheDoorAndRaisesOneEventInAWhile() throws Exception {
    HttpClient oncall = people.client(people.issue("oncall"));

    assertEquals(200, hosts.get(oncall, api + "whoami").statusCode());
    assertEquals(200, hosts.get(oncall, api + "queue").statusCode());
    List<JsonNode> events = events(oncall);
    assertEquals(1, events.size(), events.toString());
    JsonNode event = events.getFirst();
    assertEquals("CN=oncall", event.path("actor").asString());
    assertEquals("GET /api/v1/whoami", event.path("data").path("asked").asString());
    assertEquals("127.0.0.1", event.path("data").path("remote").asString());

    HttpClient watcher = people.client(people.issue("watcher"));
    assertEquals(200, hosts.get(watcher, api + "whoami").statusCode());
    await().until(() -> events(oncall).size() == 2);
    String metrics = hosts.get(oncall, api.replace("api/v1/", "actuator/prometheus")).body();
    assertTrue(metrics.contains("fermata_break_glass_requests_total "), metrics);
  }

  @Test
  void whatItDoesIsOnRecordWithItsName() throws Exception {
    HttpClient oncall = people.client(people.issue("oncall"));
    HttpClient watcher = people.client(people.issue("watcher"));
    String drain = "{\"vm\":\"v\",\"source\":\"a\",\"destination\":\"b\"}";

    assertEquals(403, hosts.post(watcher, api + "migrations", drain).statusCode());
    hosts.post(oncall, api + "migrations", drain);
    String trail = hosts.get(oncall, api + "audit").body();
    assertTrue(trail.contains("CN=watcher") && trail.contains("CLIENT_CERT"), trail);
    assertTrue(trail.contains("CN=oncall"), trail);
  }

  @Test
  void anUnknownOneOpensNothing() {
    HttpClient stranger = people.client(people.issue("stranger"));
    HttpClient nobody = people.client(null);
    assertEquals(401, status(stranger));
    assertEquals(401, status(nobody));
    // An agent's certificate is of another authority: it does not even get through the handshake.
    var agents = new Authority("people");
    assertThrows(
        IOException.class, () -> hosts.get(people.client(agents.issue("oncall")), api + "whoami"));
  }

  private int status(HttpClient client) {
    try {
      return hosts.get(client, api + "whoami").statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private List<JsonNode> events(HttpClient client) throws Exception {
    String body = hosts.get(client, api + "events").body();
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode event : JsonMapper.shared().readTree(body).path("items")) {
      if (event.path("type").asString().equals("access.break-glass")) {
        found.add(event);
      }
    }
    return found;
  }
}
