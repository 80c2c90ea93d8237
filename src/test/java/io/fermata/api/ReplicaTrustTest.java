package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fermata.wire.tls.Authority;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Servers at an address that no certificate of theirs names, under an authority of nobody's. */
class ReplicaTrustTest {
  private static final String BUNDLE = "api";
  private static final String ADDRESS = "127.84.3.1";

  private final Authority authority = new Authority("private");
  private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();
  private final List<HttpsServer> servers = new ArrayList<>();

  @AfterEach
  void end() {
    servers.forEach(server -> server.stop(0));
  }

  @Test
  void whoeverServesWithOurKeyIsOneOfUsWhateverItsNames() throws Exception {
    var api = authority.issue("api.example");
    bundles.registerBundle(BUNDLE, bundle(api));
    assertEquals(200, ask(trust(BUNDLE), server(api)));
  }

  @Test
  void anotherKeyOfTheSameAuthorityIsNot() throws Exception {
    bundles.registerBundle(BUNDLE, bundle(authority.issue("api.example")));
    URI other = server(authority.issue("api.example"));
    assertThrows(SSLException.class, () -> ask(trust(BUNDLE), other));
  }

  @Test
  void theKeyBeforeCountsOnAndTheOneBeforeThatDoesNot() throws Exception {
    var first = authority.issue("api.example");
    var second = authority.issue("api.example");
    var third = authority.issue("api.example");
    bundles.registerBundle(BUNDLE, bundle(first));
    ReplicaTrust trust = trust(BUNDLE);

    bundles.updateBundle(BUNDLE, bundle(second));
    bundles.updateBundle(BUNDLE, bundle(second)); // the same files, seen twice
    assertEquals(200, ask(trust, server(first)), "it has not seen the new files yet");
    assertEquals(200, ask(trust, server(second)));

    bundles.updateBundle(BUNDLE, bundle(third));
    URI late = server(first);
    assertThrows(SSLException.class, () -> ask(trust, late));
  }

  @Test
  void whoServesInTheClearBelievesNobodyButTheJvmsAuthorities() throws Exception {
    URI server = server(authority.issue("api.example"));
    assertThrows(SSLException.class, () -> ask(trust(null), server));
  }

  private ReplicaTrust trust(String bundle) {
    var environment = new StandardEnvironment();
    if (bundle != null) {
      environment
          .getPropertySources()
          .addFirst(new MapPropertySource("test", Map.of("server.ssl.bundle", bundle)));
    }
    return new ReplicaTrust(environment, bundles);
  }

  private static int ask(ReplicaTrust trust, URI server) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trust.context()).build()) {
      return client
          .send(HttpRequest.newBuilder(server).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }

  private URI server(Authority.Leaf leaf) throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(ADDRESS, 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(authority.context(leaf)));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return URI.create("https://" + ADDRESS + ":" + server.getAddress().getPort() + "/");
  }

  private static SslBundle bundle(Authority.Leaf leaf) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    Certificate[] chain = {leaf.certificate()};
    keys.setKeyEntry("api", leaf.keys().getPrivate(), new char[0], chain);
    return SslBundle.of(SslStoreBundle.of(keys, "", null));
  }
}
