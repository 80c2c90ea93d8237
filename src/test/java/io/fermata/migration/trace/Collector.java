package io.fermata.migration.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Takes spans over HTTP as a collector does, after it has been busy for a while. */
final class Collector implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BUSY = 503;
  private static final int OK = 200;

  private final HttpServer server;
  private final AtomicInteger busy;
  private final ConcurrentMap<String, JsonNode> spans = new ConcurrentHashMap<>();
  private final AtomicInteger twice = new AtomicInteger();

  /**
   * @param busy how many exports it turns away first
   */
  Collector(int busy) throws IOException {
    this.busy = new AtomicInteger(busy);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
  }

  private void take(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    boolean turnedAway = busy.getAndDecrement() > 0;
    if (!turnedAway) {
      for (JsonNode span : body.at("/resourceSpans/0/scopeSpans/0/spans")) {
        if (spans.put(span.get("spanId").asString(), span) != null) {
          twice.incrementAndGet();
        }
      }
    }
    byte[] answer = "{}".getBytes(UTF_8);
    exchange.sendResponseHeaders(turnedAway ? BUSY : OK, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  /** Those of one trace. */
  List<JsonNode> of(String trace) {
    return spans.values().stream()
        .filter(span -> span.get("traceId").asString().equals(trace))
        .toList();
  }

  int twice() {
    return twice.get();
  }

  static Map<String, String> attributes(JsonNode span) {
    return span.get("attributes")
        .valueStream()
        .collect(
            Collectors.toMap(
                each -> each.get("key").asString(),
                each -> each.get("value").iterator().next().asString()));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
