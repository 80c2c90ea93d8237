package io.fermata.incident;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * Stands before an agent and, as long as it lies, reports one device's freeze as if it had begun
 * before any device was quiet. No emulated agent breaks the barrier, so one has to say it did.
 */
final class LyingAgent implements AutoCloseable {
  private static final Pattern FREEZE =
      Pattern.compile(
          "(\\{\"device\":\"nic\\d+\",\"requested\":\\{[^}]*\"to\":\"STOP(?:_COPY)?\"}[^}]*?"
              + "\"startNanos\":)\\d+");

  private static final String EARLY = "1";
  private static final Set<String> OWN =
      Set.of(
          "connection", "content-length", "host", "http2-settings", "transfer-encoding", "upgrade");

  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final String agent;
  private volatile boolean lies;

  /**
   * @param agent where the agent listens, without a path
   */
  LyingAgent(String agent) {
    this.agent = agent;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::pass);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void lies() {
    lies = true;
  }

  /** Another version of it. */
  void replaced() {
    lies = false;
  }

  private void pass(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    var request =
        HttpRequest.newBuilder(URI.create(agent + exchange.getRequestURI()))
            .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
            request.header(name, values.getFirst());
          }
        });
    try {
      HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
      String text = new String(answer.body(), UTF_8);
      byte[] told = (lies ? FREEZE.matcher(text).replaceAll("$1" + EARLY) : text).getBytes(UTF_8);
      answer
          .headers()
          .map()
          .forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
              exchange.getResponseHeaders().put(name, values);
            }
          });
      exchange.sendResponseHeaders(answer.statusCode(), told.length);
      exchange.getResponseBody().write(told);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    client.close();
  }
}
