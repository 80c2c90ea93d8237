package io.fermata.agent.stream.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;

/**
 * Both ends of the data plane's TLS. The files are looked at for every new connection; connections
 * that stand keep what they began with. Files that cannot be used while the agent runs leave it
 * with the last ones that could: a half-written renewal must not stop a migration.
 */
public final class TlsDoor {
  private static final System.Logger LOG = System.getLogger(TlsDoor.class.getName());
  private static final String VERSION = "TLSv1.3";

  private final TlsKeys keysOf;
  private Keys keys;
  private Object refused;

  /** One reading of the files, for either end. */
  private record Keys(SslContext server, SslContext client, Object version) {}

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException naming what cannot be used
   */
  public TlsDoor(TlsKeys keysOf) {
    this.keysOf = keysOf;
    try {
      this.keys = read(keysOf, keysOf.version());
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(problem(e), e);
    }
    this.refused = keys.version();
  }

  /** The end that listens; blocks until both sides know each other. */
  public TlsWire accept(SocketChannel channel) throws IOException {
    return shaken(channel, current().server().newEngine(UnpooledByteBufAllocator.DEFAULT));
  }

  /** The end that connects; blocks until both sides know each other. */
  public TlsWire connect(SocketChannel channel) throws IOException {
    return shaken(channel, current().client().newEngine(UnpooledByteBufAllocator.DEFAULT));
  }

  private TlsWire shaken(SocketChannel channel, SSLEngine engine) throws IOException {
    TlsWire wire = new TlsWire(channel, engine, keysOf.trustDomain());
    boolean done = false;
    try {
      wire.shakeHands();
      done = true;
      return wire;
    } finally {
      if (!done) {
        wire.close();
      }
    }
  }

  private synchronized Keys current() {
    Object now = null;
    try {
      now = keysOf.version();
      if (!now.equals(keys.version()) && !now.equals(refused)) {
        keys = read(keysOf, now);
        LOG.log(System.Logger.Level.INFO, "the data plane''s certificates were read again");
      }
    } catch (IOException | IllegalArgumentException e) {
      if (now != null) {
        refused = now;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "the data plane goes on with its earlier certificates: {0}",
          problem(e));
    }
    return keys;
  }

  private static Keys read(TlsKeys keysOf, Object version) throws IOException {
    SslContext server =
        keysOf
            .server()
            .sslProvider(SslProvider.OPENSSL)
            .protocols(VERSION)
            .clientAuth(ClientAuth.REQUIRE)
            .build();
    SslContext client =
        keysOf
            .client()
            .sslProvider(SslProvider.OPENSSL)
            .protocols(VERSION)
            // A certificate names a host of the inventory, not a DNS name: TlsWire reads it.
            .endpointIdentificationAlgorithm(null)
            .build();
    return new Keys(server, client, version);
  }

  private static String problem(Exception e) {
    Throwable cause = e.getCause();
    return cause == null ? String.valueOf(e.getMessage()) : e.getMessage() + ": " + cause;
  }
}
