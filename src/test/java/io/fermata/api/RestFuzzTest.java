package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fuzz.Fuzz;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Bodies of the API: whatever comes is taken or refused as a problem; the server never fails. */
class RestFuzzTest {
  private static final long BYTES_MOST = 64 << 20;
  private static final List<String> PATHS =
      List.of(
          "POST /migrations?dryRun=true",
          "POST /migrations",
          "POST /plans",
          "POST /migrations/m0000000000001/abort",
          "POST /migrations/m0000000000001/switchover",
          "POST /migrations/m0000000000001/retry",
          "POST /migrations/m0000000000001/resolve?dryRun=true",
          "POST /migrations/m0000000000001/resolve",
          "PATCH /migrations/m0000000000001",
          "POST /hosts",
          "POST /hosts/host-a/cordon");
  private static final List<String> BODIES =
      List.of(
          """
          {"vm":"vm-1","source":"host-a","destination":"host-b","blackoutBudgetMs":850,\
          "preCopy":{"enabled":true,"maxSeconds":60,"switchoverBelowBytes":1048576},\
          "onBudgetExceeded":"abort","priority":"user","reason":"why",\
          "devices":[{"source":"gpu0","destination":"gpu0"},\
          {"source":"nic0","destination":"nic0"}]}\
          """,
          "{\"vm\":\"vm-1\",\"source\":\"host-a\",\"destination\":\"host-b\"}",
          "{\"reason\":\"no\"}",
          "{\"blackoutBudgetMs\":1}",
          "{\"name\":\"host-c\",\"agent\":\"http://host-c:8091\",\"labels\":{\"rack\":\"7\"}}",
          "[".repeat(2_000),
          "{\"vm\":" + "{\"a\":".repeat(500) + "1" + "}".repeat(501),
          "");

  private final ApiServer api = ApiServer.fresh();

  @Test
  void anyBodyIsTakenOrRefusedAsAProblem() {
    List<byte[]> corpus =
        Stream.concat(Stream.of(""), BODIES.stream()).map(RestFuzzTest::utf8).toList();
    new Fuzz("rest", 4_000, BYTES_MOST).feed(corpus, this::send);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  /** The path follows from the bytes, so that the input alone says what is tried. */
  private void send(byte[] body) {
    int sum = 0;
    for (byte b : body) {
      sum += b & 0xff;
    }
    String[] path = PATHS.get(sum % PATHS.size()).split(" ", 2);
    HttpResponse<String> answer =
        api.send(
            api.request(path[1])
                .header("Content-Type", "application/json")
                .method(path[0], BodyPublishers.ofByteArray(body)));
    assertTrue(
        answer.statusCode() < 500, () -> path[1] + " " + answer.statusCode() + answer.body());
    if (answer.statusCode() >= 400) {
      String type = answer.headers().firstValue("Content-Type").orElse("none");
      assertEquals("application/problem+json", type, answer::body);
      assertTrue(ApiServer.json(answer).has("code"), answer::body);
    }
  }
}
