package io.fermata.security;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.wire.tls.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Agents and orchestrators that prove who they are, over real connections. */
class MutualTlsTest {
  private static final String START =
      "{\"vm\":\"vm-1\",\"source\":\"host-a\",\"destination\":\"host-b\"}";

  @TempDir private Path folder;
  private SecuredHosts hosts;

  @BeforeEach
  void make() {
    hosts = new SecuredHosts(folder);
  }

  @AfterEach
  void end() {
    hosts.close();
  }

  @Test
  void anAgentAnswersWhomItsTableNamesAndNobodyElse() throws Exception {
    String agent = "https://127.0.0.1:" + hosts.agent("host-a") + "/";
    HttpClient orchestrator = hosts.authority.client(hosts.leaf("orchestrator", "one"));
    HttpClient peer = hosts.authority.client(hosts.leaf("agent", "host-b"));
    var stranger = hosts.authority.issue("x", "spiffe://elsewhere/orchestrator/one");
    var twoNames =
        hosts.authority.issue(
            "x", SecuredHosts.uri("orchestrator", "one"), SecuredHosts.uri("agent", "host-b"));

    assertEquals(200, hosts.get(orchestrator, agent + "agent/v1/status").statusCode());
    assertEquals(403, hosts.get(peer, agent + "agent/v1/status").statusCode());
    assertEquals(403, hosts.post(peer, agent + "agent/v1/requests/renew", "{}").statusCode());
    assertEquals(403, hosts.post(orchestrator, agent + "agent/v1/peer", "{}").statusCode());
    assertEquals(200, hosts.get(peer, agent + "livez").statusCode());
    assertEquals(403, hosts.get(orchestrator, agent + "elsewhere").statusCode(), "by default");
    for (Authority.Leaf who : List.of(stranger, twoNames, hosts.authority.issue("no-name"))) {
      HttpClient client = hosts.authority.client(who);
      assertEquals(401, hosts.get(client, agent + "agent/v1/status").statusCode());
    }
    HttpClient nobody = hosts.authority.client(null);
    assertThrows(IOException.class, () -> hosts.get(nobody, agent + "agent/v1/status"));
    var metrics = hosts.get(peer, agent + "actuator/prometheus").body();
    assertTrue(metrics.contains("reason=\"no_identity\"} 3.0"), metrics);
  }

  /** Nobody has to say so: who can prove himself does, and device state never goes in the clear. */
  @Test
  void theDataPlaneIsEncryptedAndAsksForTheSameIdentity() throws Exception {
    hosts.agent("host-a");
    HttpClient orchestrator = hosts.authority.client(hosts.leaf("orchestrator", "one"));
    String port = hosts.context(0).getEnvironment().getProperty("local.server.port");
    String status =
        hosts.get(orchestrator, "https://127.0.0.1:" + port + "/agent/v1/status").body();
    String at = JsonMapper.shared().readTree(status).path("dataPlane").asString();
    int data = Integer.parseInt(at.substring(at.lastIndexOf(':') + 1));

    var other = new Authority("fermata-test");
    Authority.Leaf stranger = other.issue("x", SecuredHosts.uri("agent", "host-b"));
    assertThrows(IOException.class, () -> said(hosts.authority.context(null), data));
    assertThrows(IOException.class, () -> said(hosts.authority.context(stranger), data));
    // The right one may go on; that he says nothing the agent waits for.
    assertThrows(
        SocketTimeoutException.class,
        () -> said(hosts.authority.context(hosts.leaf("agent", "host-b")), data));
  }

  /** What the other side says after the handshake. */
  private static int said(SSLContext context, int port) throws IOException {
    try (var socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      socket.startHandshake();
      assertEquals("TLSv1.3", socket.getSession().getProtocol());
      int said = socket.getInputStream().read();
      if (said < 0) {
        throw new IOException("closed");
      }
      return said;
    }
  }

  @Test
  void anotherAuthoritysWordCountsForNothing() throws Exception {
    String agent = "https://127.0.0.1:" + hosts.agent("host-a") + "/agent/v1/status";
    var other = new Authority("people");
    var forged = other.issue("x", SecuredHosts.uri("orchestrator", "one"));
    HttpClient client = hosts.authority.client(forged);
    assertThrows(IOException.class, () -> hosts.get(client, agent));
  }

  @Test
  void nothingOlderThanTls13IsSpoken() throws Exception {
    int port = hosts.agent("host-a");
    var context = hosts.authority.context(hosts.leaf("orchestrator", "one"));
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThrows(IOException.class, socket::startHandshake);
    }
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      assertEquals("TLSv1.3", socket.getSession().getProtocol());
    }
  }

  @Test
  void aRequestForAnotherHostIsRefused() throws Exception {
    String agent = "https://127.0.0.1:" + hosts.agent("host-a") + "/agent/v1/";
    HttpClient client = hosts.authority.client(hosts.leaf("orchestrator", "one"));
    var refused = hosts.post(client, agent + "requests/renew", "{}", "Fermata-Host", "host-b");
    assertEquals(421, refused.statusCode(), refused.body());
    var taken = hosts.post(client, agent + "requests/renew", "{}", "Fermata-Host", "host-a");
    assertEquals(400, taken.statusCode(), taken.body());
  }

  @Test
  void anAgentWhoseCertificateNamesAnotherHostDoesNotStart() {
    Path files = hosts.authority.write(hosts.leaf("agent", "host-b"), hosts.files("x"));
    var refused = assertThrows(RuntimeException.class, () -> hosts.agentWith("host-a", files));
    String text = String.valueOf(refused);
    assertTrue(text.contains("names spiffe://fermata/agent/host-b"), text);
  }

  @Test
  void whoeverStandsAtAHostsAddressMustBeThatHost() throws Exception {
    int a = hosts.agent("host-a", SecuredHosts.ofVm("vm-1"));
    int c = hosts.agent("host-c");
    // host-c has taken host-b's address; its certificate is good, and not host-b's.
    int api = hosts.orchestrator(List.of("host-a", "host-b"), List.of(a, c));
    HttpClient client = HttpClient.newHttpClient();
    JsonNode host = json(hosts.get(client, at(api, "/hosts/host-b")).body());
    assertEquals("UNKNOWN", host.path("agent").path("state").asString(), host.toString());
    assertTrue(host.toString().contains("agent/host-c, which is not whom we want"), "" + host);
    JsonNode good = json(hosts.get(client, at(api, "/hosts/host-a")).body());
    assertEquals("READY", good.path("agent").path("state").asString(), good.toString());
  }

  @Test
  void certificatesAreChangedInTheMiddleOfAMigrationAndNothingIsCut() throws Exception {
    int a = hosts.agent("host-a", SecuredHosts.ofVm("vm-1"));
    int b = hosts.agent("host-b");
    int api = hosts.orchestrator(List.of("host-a", "host-b"), List.of(a, b));
    HttpClient client = HttpClient.newHttpClient();
    HttpClient operator = hosts.authority.client(hosts.leaf("orchestrator", "two"));
    // a hop that takes its time: the barrier is held while the files change
    String fault =
        """
        {"device":"gpu0","fault":{"kind":"HANG","to":"STOP_COPY","errno":5,"occurrence":1,
         "after":0}}
        """;
    String before = serial(a);
    String emulated = "https://127.0.0.1:" + a + "/agent/v1/emulated/";
    var injected = hosts.post(operator, emulated + "faults", fault);
    assertEquals(200, injected.statusCode(), injected.body());
    String id =
        json(hosts.post(client, at(api, "/migrations"), START).body()).path("id").asString();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> phase(hosts.get(client, at(api, "/migrations/" + id)).body()),
            "FREEZING"::equals);
    for (String who : List.of("host-a", "host-b")) {
      hosts.authority.write(hosts.leaf("agent", who), hosts.files(who));
    }
    hosts.authority.write(hosts.leaf("orchestrator", "one"), hosts.files("orchestrator"));
    await().atMost(Duration.ofSeconds(8)).until(() -> !serial(a).equals(before));
    assertEquals("FREEZING", phase(hosts.get(client, at(api, "/migrations/" + id)).body()));
    hosts.post(operator, emulated + "devices/gpu0/release", "");
    var done =
        json(hosts.get(client, at(api, "/migrations/" + id + "?wait=30s&until=done")).body());
    assertEquals("SUCCEEDED", done.path("outcome").asString(), done + "\n" + injected.body());

    // and with the new ones alone it goes on
    String back = START.replace("host-a", "x").replace("host-b", "host-a").replace("x", "host-b");
    String next =
        json(hosts.post(client, at(api, "/migrations"), back).body()).path("id").asString();
    done = json(hosts.get(client, at(api, "/migrations/" + next + "?wait=30s&until=done")).body());
    assertEquals("SUCCEEDED", done.path("outcome").asString(), done.toString());
  }

  @Test
  void filesThatCannotBeUsedLeaveTheOldOnesInForce() throws Exception {
    int a = hosts.agent("host-a");
    String before = serial(a);
    Files.writeString(hosts.files("host-a").resolve("tls.crt"), "no certificate");
    Thread.sleep(1_500);
    assertEquals(before, serial(a));
    hosts.authority.write(hosts.leaf("agent", "host-a"), hosts.files("host-a"));
    await().atMost(Duration.ofSeconds(20)).until(() -> !serial(a).equals(before));
  }

  @Test
  void aCertificatesEndIsAMetric() throws Exception {
    String agent = "https://127.0.0.1:" + hosts.agent("host-a") + "/actuator/prometheus";
    HttpClient client = hosts.authority.client(hosts.leaf("orchestrator", "one"));
    String metrics = hosts.get(client, agent).body();
    assertTrue(
        metrics
            .lines()
            .anyMatch(line ->
                line.startsWith("ssl_chain_expiry_seconds{")
                    && line.contains("bundle=\"fermata-identity\"")),
        metrics.lines().filter(line -> line.contains("ssl")).toList().toString());
    assertFalse(metrics.contains("PRIVATE"));
  }

  private String serial(int port) throws Exception {
    var context = hosts.authority.context(hosts.leaf("orchestrator", "one"));
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      var certificate = socket.getSession().getPeerCertificates()[0];
      return ((java.security.cert.X509Certificate) certificate).getSerialNumber().toString();
    }
  }

  private static String at(int port, String path) {
    return "http://127.0.0.1:" + port + "/api/v1" + path;
  }

  private static String phase(String migration) {
    return json(migration).path("phase").asString();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
