package io.fermata.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.metrics.TraceId;
import io.fermata.wire.AgentMemory;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import io.fermata.wire.DeviceReset;
import io.fermata.wire.Protocol;
import io.fermata.wire.Whole;
import io.fermata.wire.WireFault;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Agents over HTTP/1.1 with connections that are kept. No thread waits for an answer. */
public final class HttpAgentClient implements AgentClient, AutoCloseable {
  private static final String ROOT = "/agent/v1/";
  private static final int EXCERPT = 300;

  private final Supplier<HttpClient> clients;
  private final Codec codec;
  private final Function<URI, @Nullable HostName> hosts;
  private final Map<URI, Integer> spoken = new ConcurrentHashMap<>();

  /**
   * @param connectTimeout after which an agent that does not take the connection counts as refused
   */
  public HttpAgentClient(Codec codec, Duration connectTimeout) {
    this(codec, plain(connectTimeout), agent -> null);
  }

  /**
   * @param clients asked for each time
   * @param hosts whose agent is at an address, or null where that is not known
   */
  HttpAgentClient(
      Codec codec, Supplier<HttpClient> clients, Function<URI, @Nullable HostName> hosts) {
    this.codec = codec;
    this.clients = clients;
    this.hosts = hosts;
  }

  private static Supplier<HttpClient> plain(Duration connectTimeout) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connectTimeout)
            .build();
    return () -> client;
  }

  /** The same for rooms that do not know how messages are written. */
  public HttpAgentClient(Duration connectTimeout) {
    this(new Codec(), connectTimeout);
  }

  @Override
  public CompletableFuture<Answer> ask(URI agent, Request request, Duration timeout) {
    var http =
        to(agent, "requests/" + Codec.type(request), timeout)
            .header("Content-Type", "application/json")
            .header("traceparent", trace(request))
            .POST(HttpRequest.BodyPublishers.ofByteArray(codec.write(request, version(agent))));
    return send(agent, http.build(), Answer.class);
  }

  @Override
  public CompletableFuture<AgentStatus> status(URI agent, Duration timeout) {
    return send(agent, to(agent, "status", timeout).GET().build(), AgentStatus.class);
  }

  @Override
  public CompletableFuture<List<Remembered>> memory(URI agent, Duration timeout) {
    return page(agent, timeout, null, List.of());
  }

  private CompletableFuture<List<Remembered>> page(
      URI agent, Duration timeout, @Nullable String after, List<Remembered> before) {
    String path = "memory" + (after == null ? "" : "?after=" + after);
    return send(agent, to(agent, path, timeout).GET().build(), AgentMemory.class)
        .thenCompose(page -> {
          if (page.quiet() != null) {
            String why = "it keeps quiet: " + page.quiet();
            throw new AgentUnreachable(agent, AgentUnreachable.Kind.PROTOCOL, why, null);
          }
          List<Remembered> all = Stream.concat(before.stream(), page.claims().stream()).toList();
          return page.next() == null
              ? CompletableFuture.completedFuture(all)
              : page(agent, timeout, page.next(), all);
        });
  }

  @Override
  public CompletableFuture<DeviceReset.Done> reset(
      URI agent, DeviceName device, DeviceReset wish, Duration timeout) {
    var http =
        to(agent, "devices/" + device + "/reset", timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(codec.write(wish)));
    return send(agent, http.build(), DeviceReset.Done.class);
  }

  /** As it answered last; whoever has not answered is spoken to in the oldest version. */
  private int version(URI agent) {
    return spoken.getOrDefault(agent, codec.protocol().versions().getLast());
  }

  private HttpRequest.Builder to(URI agent, String path, Duration timeout) {
    var request =
        HttpRequest.newBuilder(agent.resolve(ROOT + path))
            .timeout(timeout)
            .header(Protocol.HEADER, codec.protocol().offer());
    HostName host = hosts.apply(agent);
    return host == null ? request : request.header(Protocol.HOST_HEADER, host.value());
  }

  private static String trace(Request request) {
    return TraceId.parent(request.header().migration().value(), Codec.type(request));
  }

  private <T> CompletableFuture<T> send(URI agent, HttpRequest request, Class<T> type) {
    var limited =
        HttpResponse.BodyHandlers.limiting(
            HttpResponse.BodyHandlers.ofByteArray(), Codec.ANSWER_BYTES);
    Duration limit = request.timeout().orElseThrow();
    return Whole.within(limit, clients.get().sendAsync(request, limited))
        .handle((response, thrown) -> {
          if (response == null) {
            throw unreachable(agent, thrown);
          }
          return read(agent, response, type);
        });
  }

  private <T> T read(URI agent, HttpResponse<byte[]> response, Class<T> type) {
    int status = response.statusCode();
    boolean answered =
        status == 200 || (status == 409 && type != AgentStatus.class && type != AgentMemory.class);
    if (!answered) {
      spoken.remove(agent); // it may be of an older build by now
      String body = new String(response.body(), UTF_8);
      String excerpt = body.substring(0, Math.min(EXCERPT, body.length()));
      var kind = status == 503 ? AgentUnreachable.Kind.TIMEOUT : AgentUnreachable.Kind.PROTOCOL;
      throw new AgentUnreachable(agent, kind, "status " + status + ": " + excerpt, null);
    }
    try {
      String chosen = response.headers().firstValue(Protocol.HEADER).orElse(null);
      spoken.put(agent, codec.protocol().choose(chosen));
      return codec.readAnswer(response.body(), type);
    } catch (WireFault e) {
      String detail = String.valueOf(e.getMessage());
      throw new AgentUnreachable(agent, AgentUnreachable.Kind.PROTOCOL, detail, e);
    }
  }

  private static AgentUnreachable unreachable(URI agent, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    AgentUnreachable.Kind kind =
        switch (cause) {
          case ConnectException e -> AgentUnreachable.Kind.REFUSED;
          case HttpConnectTimeoutException e -> AgentUnreachable.Kind.REFUSED;
          case HttpTimeoutException e -> AgentUnreachable.Kind.TIMEOUT;
          default -> AgentUnreachable.Kind.BROKEN;
        };
    String detail = cause.getMessage() == null ? "no connection" : cause.getMessage();
    return new AgentUnreachable(agent, kind, detail, cause);
  }

  /** Drops what is under way. */
  @Override
  public void close() {
    clients.get().shutdownNow();
  }
}
