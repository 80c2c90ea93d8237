package io.fermata.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent says to requests that it cannot or will not take, and that they change nothing. */
class BadInputTest {
  @TempDir private static Path folder;
  private static AgentRig agent;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    agent = new AgentRig("host-a", folder, AgentRig.ofVm("vm-1"));
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    agent.close();
    http.close();
  }

  @Test
  void anUnknownFieldIsNamed() throws Exception {
    String body = renewal().replaceFirst("\\{", "{\"colour\":1,");
    problem(400, "UNKNOWN_FIELD", "colour", post("requests/renew", body));
    problem(400, "UNKNOWN_FIELD", "header.x", post("requests/renew", inHeader("\"x\":1")));
  }

  @Test
  void aWrongTypeOrRangeIsNamed() throws Exception {
    problem(400, "WRONG_VALUE", "header.awaitMillis", post("requests/renew", wait("\"soon\"")));
    problem(400, "WRONG_VALUE", "header.awaitMillis", post("requests/renew", wait("-1")));
    problem(400, "WRONG_VALUE", "header.awaitMillis", post("requests/renew", wait("999999999")));
    problem(400, "NOT_JSON", null, post("requests/renew", "{"));
    problem(400, "UNKNOWN_TYPE", null, post("requests/conduct", "{}"));
    problem(400, "UNKNOWN_TYPE", null, post("peer", "{\"type\":\"gossip\"}"));
  }

  @Test
  void aClaimThatCannotBeMeantIsNamed() throws Exception {
    var spec = agent.spec(new HostName("b"), URI.create("http://127.0.0.1:1"), "127.0.0.1:1", 1000);
    String good = text(new Request.ClaimSource(AgentRig.waiting(0), spec));
    problem(400, "WRONG_VALUE", "spec.devices[1].source", claim(good, "\"nic0\"", "\"gpu0\""));
    problem(400, "WRONG_VALUE", "spec.leaseMillis", claim(good, "1000", "0"));
    problem(400, "WRONG_VALUE", "spec.peerUrl", claim(good, "http:", "gopher:"));
    problem(400, "WRONG_VALUE", "spec.peer", claim(good, "\"peer\":\"b\"", "\"peer\":\"host-a\""));
    assertEquals(0, agent.status().claims().size());
  }

  private static HttpResponse<String> claim(String good, String part, String bad) throws Exception {
    assertTrue(good.contains(part), good);
    return post("requests/claim-source", good.replace(part, bad));
  }

  @Test
  void aBodyOfTwoMebibytesIsRefused() throws Exception {
    problem(413, "TOO_LARGE", null, post("requests/renew", " ".repeat(2 << 20)));
    var unsized =
        request("requests/renew")
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(new byte[(1 << 20) + 1])))
            .build();
    var answer = http.send(unsized, HttpResponse.BodyHandlers.ofString());
    problem(413, "TOO_LARGE", null, answer);
  }

  @Test
  void withoutAVersionInCommonNothingIsRead() throws Exception {
    var address = agent.url.resolve("/agent/v1/requests/renew");
    var none = HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.ofString("?"));
    problem(400, "UNKNOWN_VERSION", null, send(none));
    problem(400, "UNKNOWN_VERSION", null, send(none.header(Protocol.HEADER, "99")));
  }

  @Test
  void anUnknownClaimIsRefusedInAnAnswer() throws Exception {
    var answer = agent.ask(new Request.Renew(header("m0404", 1)));
    assertEquals(Refusal.Code.UNKNOWN_CLAIM, answer.refusal().code());
    var response = post("requests/renew", renewal());
    assertEquals(409, response.statusCode());
    problem(404, "UNKNOWN_CLAIM", null, get("claims/m0404"));
    problem(400, "WRONG_VALUE", "migration", get("claims/M"));
  }

  @Test
  void aStaleEpochIsRefusedAndTheClaimStaysAsItIs() {
    var spec = agent.spec(new HostName("b"), URI.create("http://127.0.0.1:1"), "127.0.0.1:1", 9000);
    agent.done(new Request.ClaimSource(header("m0777", 5), spec));
    var stale = agent.ask(new Request.Quiesce(header("m0777", 4)));
    assertEquals(Refusal.Code.STALE_EPOCH, stale.refusal().code());
    assertEquals(5, stale.report().promised().number());
    var other = agent.ask(new Request.ClaimSource(header("m0778", 1), spec));
    assertEquals(Refusal.Code.DEVICE_CLAIMED, other.refusal().code());
    var wrong = agent.ask(new Request.Load(header("m0777", 5)));
    assertEquals(Refusal.Code.WRONG_SIDE, wrong.refusal().code());
    agent.done(new Request.Close(header("m0777", 5)));
  }

  @Test
  void faultsAndTextViewsAreThereForEmulatedDevices() throws Exception {
    String fault =
        "{\"device\":\"gpu0\",\"fault\":{\"kind\":\"FLIPPED_BIT\",\"occurrence\":9,"
            + "\"errno\":5,\"after\":0}}";
    assertEquals(200, post("emulated/faults", fault).statusCode());
    problem(400, "WRONG_VALUE", "device", post("emulated/faults", fault.replace("gpu0", "gpu9")));
    String devices = get("devices?o=text").body();
    assertTrue(devices.contains("gpu0") && devices.contains("vm-1"), devices);
    assertTrue(devices.lines().allMatch(line -> line.length() <= 100), devices);
    assertEquals(404, get("nothing").statusCode());
    assertEquals(405, get("peer").statusCode());
  }

  private static Header header(String migration, long epoch) {
    return new Header(new MigrationId(migration), new Epoch(epoch, "test"), 0, 0);
  }

  private static String renewal() {
    return text(new Request.Renew(header("m0405", 1)));
  }

  private static String inHeader(String field) {
    return renewal().replace("\"awaitMillis\"", field + ",\"awaitMillis\"");
  }

  private static String wait(String value) {
    return renewal().replace("\"awaitMillis\":0", "\"awaitMillis\":" + value);
  }

  private static String text(Request request) {
    return new String(AgentRig.CODEC.write(request), UTF_8);
  }

  private static void problem(
      int status, String code, String field, HttpResponse<String> response) {
    String body = response.body();
    assertEquals(status, response.statusCode(), body);
    assertEquals(
        "application/problem+json", response.headers().firstValue("content-type").orElse(""));
    assertTrue(body.contains("\"code\":\"" + code + "\""), body);
    assertTrue(field == null || body.contains("\"field\":\"" + field + "\""), body);
    assertTrue(body.length() < Codec.REQUEST_BYTES);
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(agent.url.resolve("/agent/v1/" + path))
        .header(Protocol.HEADER, Protocol.BUILD.offer());
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
