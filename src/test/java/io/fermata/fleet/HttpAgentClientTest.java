package io.fermata.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import io.fermata.fleet.AgentUnreachable.Kind;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import io.fermata.wire.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the orchestrator knows when an answer does not come, or is none. */
class HttpAgentClientTest {
  private static final Request REQUEST = new Request.Renew(Samples.HEADER);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(10);

  private final Codec codec = new Codec();
  private final HttpAgentClient client = new HttpAgentClient(codec, Duration.ofSeconds(2));
  private HttpServer server;
  private HttpContext context;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void close() {
    client.close();
    server.stop(0);
  }

  @Test
  void anAnswerAndARefusalAreBothAnswers() {
    for (int status : new int[] {200, 409}) {
      answering(status, codec.write(Samples.answer()), "1");
      assertEquals(Samples.answer(), client.ask(url(), REQUEST, LONG).join());
    }
  }

  @Test
  void nobodyThereIsRefused() {
    server.stop(0);
    assertEquals(Kind.REFUSED, failure(LONG));
  }

  @Test
  void silenceIsATimeout() throws IOException {
    try (var mute = new ServerSocket(0)) {
      var address = URI.create("http://127.0.0.1:" + mute.getLocalPort());
      assertEquals(Kind.TIMEOUT, failure(address, SHORT));
    }
  }

  /** The request's own time-out ends with the head. */
  @Test
  void halfAnAnswerIsATimeout() {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set(Protocol.HEADER, "1");
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush(); // and then its host has no power any more
        });
    assertTimeoutPreemptively(LONG, () -> assertEquals(Kind.TIMEOUT, failure(SHORT)));
  }

  @Test
  void aConnectionThatEndsIsBroken() {
    server.createContext("/", exchange -> exchange.close());
    assertEquals(Kind.BROKEN, failure(LONG));
  }

  @Test
  void whatIsNoAgentIsAProtocolFault() {
    answering(200, "<html>".getBytes(UTF_8), "1");
    assertEquals(Kind.PROTOCOL, failure(LONG));
    answering(404, "no".getBytes(UTF_8), "1");
    assertEquals(Kind.PROTOCOL, failure(LONG));
    answering(200, codec.write(Samples.answer()), "3");
    assertEquals(Kind.PROTOCOL, failure(LONG));
    answering(503, "{}".getBytes(UTF_8), "1");
    assertEquals(Kind.TIMEOUT, failure(LONG));
  }

  private void answering(int status, byte[] body, String version) {
    if (context != null) {
      server.removeContext(context);
    }
    context =
        server.createContext(
            "/",
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              exchange.getResponseHeaders().set(Protocol.HEADER, version);
              exchange.sendResponseHeaders(status, body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            });
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private Kind failure(Duration timeout) {
    return failure(url(), timeout);
  }

  private Kind failure(URI agent, Duration timeout) {
    var asked = client.ask(agent, REQUEST, timeout);
    var thrown = assertThrows(CompletionException.class, asked::join);
    return ((AgentUnreachable) thrown.getCause()).kind();
  }
}
