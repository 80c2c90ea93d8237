package io.fermata.wire.tls;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.stereotype.Component;

/**
 * Who this process is, as its files say now: what it proves itself with, and whom it believes. New
 * files take effect for new connections; those that are under way are left alone. Files that cannot
 * be used leave everything as it was.
 */
@Component
public final class ProcessIdentity {
  private static final System.Logger LOG = System.getLogger(ProcessIdentity.class.getName());

  private final String trustDomain;
  private final @Nullable String operators;
  private final AtomicReference<@Nullable Credentials> current = new AtomicReference<>();
  private final List<Consumer<Credentials>> followers =
      Collections.synchronizedList(new ArrayList<>());

  /**
   * What the files hold.
   *
   * @param chain this process's certificate first
   * @param authorities who may name processes
   */
  public record Credentials(
      Identity self,
      List<X509Certificate> chain,
      PrivateKey key,
      List<X509Certificate> authorities,
      SslBundle bundle) {
    public Credentials {
      chain = List.copyOf(chain);
      authorities = List.copyOf(authorities);
    }

    @Override
    public String toString() {
      return self.toString(); // never the key
    }
  }

  /**
   * @throws Unsafe if the files are given and name no process of this trust domain
   */
  public ProcessIdentity(IdentitySettings settings, SslBundles bundles) {
    this.trustDomain = settings.trustDomain();
    this.operators = settings.operators();
    if (settings.given()) {
      current.set(first(bundles));
      bundles.addBundleUpdateHandler(IdentitySettings.BUNDLE, this::changed);
    }
  }

  private Credentials first(SslBundles bundles) {
    try {
      return read(bundles.getBundle(IdentitySettings.BUNDLE));
    } catch (NoSuchSslBundleException | GeneralSecurityException | IllegalStateException e) {
      throw new Unsafe(List.of("fermata.identity: " + e.getMessage()));
    }
  }

  private void changed(SslBundle bundle) {
    try {
      Credentials fresh = read(bundle);
      Credentials before = current.getAndSet(fresh);
      LOG.log(System.Logger.Level.INFO, "new certificates; this is {0}, was {1}", fresh, before);
      List.copyOf(followers).forEach(follower -> follower.accept(fresh));
    } catch (GeneralSecurityException | IllegalStateException e) {
      LOG.log(System.Logger.Level.ERROR, "the new files cannot be used; the old ones stay", e);
    }
  }

  private Credentials read(SslBundle bundle) throws GeneralSecurityException {
    KeyStore keys = Objects.requireNonNull(bundle.getStores().getKeyStore());
    KeyStore trusted = bundle.getStores().getTrustStore();
    String alias = Collections.list(keys.aliases()).getFirst();
    List<X509Certificate> chain =
        Arrays.stream(keys.getCertificateChain(alias)).map(X509Certificate.class::cast).toList();
    String password = bundle.getKey().getPassword();
    PrivateKey key =
        (PrivateKey) keys.getKey(alias, password == null ? new char[0] : password.toCharArray());
    List<X509Certificate> authorities = new ArrayList<>();
    if (trusted != null) {
      for (String each : Collections.list(trusted.aliases())) {
        authorities.add((X509Certificate) trusted.getCertificate(each));
      }
    }
    Identity self =
        Identity.of(chain.getFirst())
            .filter(found -> found.trustDomain().equals(trustDomain))
            .orElseThrow(() ->
                new GeneralSecurityException(
                    "the certificate has no URI like spiffe://" + trustDomain + "/agent/HOST"));
    return new Credentials(self, chain, key, authorities, bundle);
  }

  /** What the files hold now; empty when none are configured. */
  public Optional<Credentials> credentials() {
    return Optional.ofNullable(current.get());
  }

  /** Whether processes prove who they are. */
  public boolean secured() {
    return current.get() != null;
  }

  /** The file with the operators' public keys, where there is one. */
  public Optional<Path> operators() {
    return Optional.ofNullable(operators).map(Path::of);
  }

  /** Whether that is one of ours. */
  public boolean knows(Identity identity) {
    return identity.trustDomain().equals(trustDomain);
  }

  /**
   * Clients over HTTP/1.1 that connect to those that are admitted, with what the files hold now.
   * Ask for one each time: after new files it is another one. The old one ends what it has begun.
   */
  public Supplier<HttpClient> clients(Duration connectTimeout, Admission admission) {
    Credentials now = current.get();
    if (now == null) {
      HttpClient plain = builder(connectTimeout).build();
      return () -> plain;
    }
    var client = new AtomicReference<>(client(now, connectTimeout, admission));
    followers.add(fresh -> client.set(client(fresh, connectTimeout, admission)));
    return client::get;
  }

  private static HttpClient.Builder builder(Duration connectTimeout) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(connectTimeout);
  }

  private HttpClient client(Credentials with, Duration connectTimeout, Admission admission) {
    return builder(connectTimeout).sslContext(context(with, admission)).build();
  }

  private SSLContext context(Credentials with, Admission admission) {
    try {
      var managers = with.bundle().getManagers();
      X509TrustManager chains =
          Arrays.stream(managers.getTrustManagers())
              .filter(X509TrustManager.class::isInstance)
              .map(X509TrustManager.class::cast)
              .findFirst()
              .orElseThrow();
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      var trust = new TrustManager[] {new IdentityTrust(chains, trustDomain, admission)};
      context.init(managers.getKeyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS 1.3", e);
    }
  }
}
