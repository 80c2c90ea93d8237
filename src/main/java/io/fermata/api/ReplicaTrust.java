package io.fermata.api;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Which servers are replicas: those that prove to have the key with which this one serves, at
 * whatever address and under whatever name. The certificate of an API names what its users call it,
 * and replicas are reached by addresses that nobody knows before they run. A server with another
 * key has to stand to its name before an authority of the JVM, as everywhere.
 *
 * <p>The key that was there before new files came counts on: another replica may see them later.
 */
@Component
final class ReplicaTrust extends X509ExtendedTrustManager {
  private static final System.Logger LOG = System.getLogger(ReplicaTrust.class.getName());

  private final X509ExtendedTrustManager others;
  private volatile @Nullable PublicKey own;
  private volatile @Nullable PublicKey before;

  ReplicaTrust(Environment environment, SslBundles bundles) {
    others = authorities();
    String name = environment.getProperty("server.ssl.bundle");
    if (name != null) {
      own = key(bundles.getBundle(name));
      bundles.addBundleUpdateHandler(name, this::changed);
    }
  }

  private void changed(SslBundle bundle) {
    PublicKey fresh;
    try {
      fresh = key(bundle);
    } catch (IllegalStateException e) {
      LOG.log(System.Logger.Level.ERROR, "the new files cannot be used; the old key stays", e);
      return;
    }
    PublicKey now = own;
    if (!fresh.equals(now)) {
      before = now;
      own = fresh;
    }
  }

  private static PublicKey key(SslBundle bundle) {
    KeyStore keys = bundle.getStores().getKeyStore();
    try {
      if (keys != null) {
        for (String alias : Collections.list(keys.aliases())) {
          Certificate certificate = keys.getCertificate(alias);
          if (keys.isKeyEntry(alias) && certificate != null) {
            return certificate.getPublicKey();
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the API's key cannot be read", e);
    }
    throw new IllegalStateException("the API serves with a bundle that has no key");
  }

  private static X509ExtendedTrustManager authorities() {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no authorities", e);
    }
  }

  /** For clients that ask replicas. */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, new TrustManager[] {this}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS 1.3", e);
    }
  }

  private boolean isReplica(X509Certificate[] chain) {
    if (chain.length == 0) {
      return false;
    }
    PublicKey key = chain[0].getPublicKey();
    return key.equals(own) || key.equals(before);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (!isReplica(chain)) {
      others.checkServerTrusted(chain, type, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (!isReplica(chain)) {
      others.checkServerTrusted(chain, type, socket);
    }
  }

  /** Without a connection nobody can look at names: nobody is believed. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    if (!isReplica(chain)) {
      throw new CertificateException("no replica, and asked about without its connection");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this side only asks");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return others.getAcceptedIssuers();
  }
}
