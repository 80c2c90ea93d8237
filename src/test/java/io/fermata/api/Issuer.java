package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An OpenID provider as far as a resource server sees it: discovery, keys, and its tokens. */
public final class Issuer implements AutoCloseable {
  final AtomicInteger keysFetched = new AtomicInteger();
  private final HttpServer server;
  private RSAKey key;

  public Issuer() {
    try {
      key = key("k1");
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                ("{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\","
                        + "\"subject_types_supported\":[\"public\"]}")
                    .formatted(uri(), uri())));
    server.createContext(
        "/keys",
        exchange -> {
          keysFetched.incrementAndGet();
          answer(exchange, new JWKSet(key.toPublicJWK()).toString());
        });
    server.start();
  }

  static RSAKey key(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  void useKey(RSAKey fresh) {
    key = fresh;
  }

  public String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A token of {@code subject} with these roles. */
  public String token(String subject, String... roles) {
    return token(claims -> claims.subject(subject).claim("roles", List.of(roles)));
  }

  String token(UnaryOperator<JWTClaimsSet.Builder> claims) {
    return token(key, claims);
  }

  String token(RSAKey with, UnaryOperator<JWTClaimsSet.Builder> claims) {
    Instant now = Instant.now();
    var usual =
        new JWTClaimsSet.Builder()
            .issuer(uri())
            .audience("fermata")
            .subject("alice")
            .claim("azp", "console")
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(300)));
    try {
      JWSSigner signer = new RSASSASigner(with);
      var header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(with.getKeyID()).build();
      SignedJWT token = new SignedJWT(header, claims.apply(usual).build());
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
