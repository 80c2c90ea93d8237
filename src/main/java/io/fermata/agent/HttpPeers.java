package io.fermata.agent;

import io.fermata.handover.Event;
import io.fermata.handover.message.PeerMessage;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import io.fermata.wire.Whole;
import io.fermata.wire.WireFault;
import io.fermata.wire.attest.Unproven;
import io.fermata.wire.tls.Identity;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Tells other agents over HTTP. One message to one agent of one migration at a time. */
final class HttpPeers implements AgentPorts.Peers, AutoCloseable {
  /** Where an agent takes what another one tells it. */
  static final String PATH = "/agent/v1/peer";

  private static final System.Logger LOG = System.getLogger(HttpPeers.class.getName());

  private final Line line;
  private final Codec codec;
  private final Proofs proofs;
  private final Consumer<Event> events;
  private final Set<String> underway = ConcurrentHashMap.newKeySet();

  /** The connection to others: a client that is asked for each time, and its patience. */
  record Line(Supplier<HttpClient> clients, Duration timeout) {}

  /** Who signs and checks receipts, and who counts those that are not believed. */
  record Proofs(Notary notary, Consumer<Unproven> refused) {}

  HttpPeers(Line line, Codec codec, Proofs proofs, Consumer<Event> events) {
    this.line = line;
    this.codec = codec;
    this.proofs = proofs;
    this.events = events;
  }

  @Override
  public void tell(String url, PeerMessage message) {
    String key = message.migration() + " " + message.getClass().getSimpleName();
    if (underway.add(key)) {
      // A signature takes longer than the loop may be held up in a blackout.
      Thread.ofVirtual().name("peer-tell").start(() -> send(key, url, message));
    }
  }

  private void send(String key, String url, PeerMessage message) {
    HttpRequest request = request(url, proofs.notary().sign(message));
    if (request == null) {
      underway.remove(key);
      return;
    }
    var _ =
        Whole.within(line.timeout(), line.clients().get().sendAsync(request, limited()))
            .whenComplete((response, thrown) -> {
              underway.remove(key);
              if (response != null) {
                answered(url, message, response);
              }
            });
  }

  private static HttpResponse.BodyHandler<byte[]> limited() {
    return HttpResponse.BodyHandlers.limiting(
        HttpResponse.BodyHandlers.ofByteArray(), Codec.REQUEST_BYTES);
  }

  private @Nullable HttpRequest request(String url, PeerMessage message) {
    try {
      return HttpRequest.newBuilder(URI.create(url).resolve(PATH))
          .timeout(line.timeout())
          .header("Content-Type", "application/json")
          .header(Protocol.HEADER, codec.protocol().offer())
          .POST(HttpRequest.BodyPublishers.ofByteArray(codec.write(message)))
          .build();
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.ERROR, message.migration() + ": no address: " + url, e);
      return null;
    }
  }

  private void answered(String url, PeerMessage message, HttpResponse<byte[]> response) {
    try {
      codec.protocol().choose(response.headers().firstValue(Protocol.HEADER).orElse(null));
      PeerMessage.Word word = codec.readAnswer(response.body(), PeerMessage.Word.class);
      if (response.statusCode() == 200 && word.migration().equals(message.migration())) {
        Identity sender = response.sslSession().flatMap(HttpPeers::identity).orElse(null);
        events.accept(new Event.PeerAnswered(proofs.notary().check(word, sender)));
      }
    } catch (Unproven e) {
      proofs.refused().accept(e);
      LOG.log(System.Logger.Level.WARNING, "{0} is not believed: {1}", url, e.getMessage());
    } catch (WireFault e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} answered {1}: {2}",
          url,
          response.statusCode(),
          e.getMessage());
    }
  }

  private static Optional<Identity> identity(SSLSession session) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? Identity.of(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    line.clients().get().shutdownNow();
  }
}
