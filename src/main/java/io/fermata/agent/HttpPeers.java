package io.fermata.agent;

import io.fermata.handover.Event;
import io.fermata.handover.message.PeerMessage;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import io.fermata.wire.WireFault;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells other agents over HTTP. One message to one agent of one migration at a time. */
final class HttpPeers implements AgentPorts.Peers, AutoCloseable {
  /** Where an agent takes what another one tells it. */
  static final String PATH = "/agent/v1/peer";

  private static final System.Logger LOG = System.getLogger(HttpPeers.class.getName());

  private final HttpClient client;
  private final Codec codec;
  private final Duration timeout;
  private final Consumer<Event> events;
  private final Set<String> underway = ConcurrentHashMap.newKeySet();

  HttpPeers(HttpClient client, Codec codec, Duration timeout, Consumer<Event> events) {
    this.client = client;
    this.codec = codec;
    this.timeout = timeout;
    this.events = events;
  }

  @Override
  public void tell(String url, PeerMessage message) {
    String key = message.migration() + " " + message.getClass().getSimpleName();
    if (underway.add(key)) {
      HttpRequest request = request(url, message);
      if (request == null) {
        underway.remove(key);
        return;
      }
      var _ =
          client
              .sendAsync(request, limited())
              .whenComplete((response, thrown) -> {
                underway.remove(key);
                if (response != null) {
                  answered(url, message, response);
                }
              });
    }
  }

  private static HttpResponse.BodyHandler<byte[]> limited() {
    return HttpResponse.BodyHandlers.limiting(
        HttpResponse.BodyHandlers.ofByteArray(), Codec.REQUEST_BYTES);
  }

  private @Nullable HttpRequest request(String url, PeerMessage message) {
    try {
      return HttpRequest.newBuilder(URI.create(url).resolve(PATH))
          .timeout(timeout)
          .header("Content-Type", "application/json")
          .header(Protocol.HEADER, Protocol.offer())
          .POST(HttpRequest.BodyPublishers.ofByteArray(codec.write(message)))
          .build();
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.ERROR, message.migration() + ": no address: " + url, e);
      return null;
    }
  }

  private void answered(String url, PeerMessage message, HttpResponse<byte[]> response) {
    try {
      PeerMessage.Word word = codec.readAnswer(response.body(), PeerMessage.Word.class);
      if (response.statusCode() == 200 && word.migration().equals(message.migration())) {
        events.accept(new Event.PeerAnswered(word));
      }
    } catch (WireFault e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} answered {1}: {2}",
          url,
          response.statusCode(),
          e.getMessage());
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
