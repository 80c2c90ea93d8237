package io.fermata.wire.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority for tests: makes certificates with whatever names a test wants. */
public final class Authority {
  private static final AtomicLong SERIALS = new AtomicLong(System.nanoTime());
  private static final byte[] SIGNED_BY_EC = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));

  private final String name;
  private final KeyPair keys = pair();
  private final X509Certificate certificate;

  /** A certificate and its key. */
  public record Leaf(X509Certificate certificate, KeyPair keys) {}

  public Authority(String name) {
    this(name, Duration.ofDays(1));
  }

  /** The same, valid for so long. */
  public Authority(String name, Duration life) {
    this.name = name;
    this.certificate = certificate(name, keys, life, true, List.of());
  }

  /** A certificate with these URIs. */
  public Leaf issue(String subject, String... uris) {
    return issue(subject, Duration.ofDays(1), uris);
  }

  /** The same, valid for so long; it began a minute before the present or its end. */
  public Leaf issue(String subject, Duration life, String... uris) {
    KeyPair own = pair();
    List<byte[]> names = new ArrayList<>();
    for (String uri : uris) {
      names.add(Der.of(0x86, uri.getBytes(US_ASCII)));
    }
    names.add(Der.of(0x82, "localhost".getBytes(US_ASCII)));
    names.add(Der.of(0x87, InetAddress.getLoopbackAddress().getAddress()));
    return new Leaf(certificate(subject, own, life, false, names), own);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  private static KeyPair pair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate certificate(
      String subject, KeyPair of, Duration life, boolean authority, List<byte[]> names) {
    Instant end = Instant.now().plus(life);
    Instant begin = (life.isNegative() ? end : Instant.now()).minusSeconds(60);
    List<byte[]> extensions = new ArrayList<>();
    if (authority) {
      extensions.add(
          Der.sequence(Der.oid("2.5.29.19"), Der.yes(), Der.octets(Der.sequence(Der.yes()))));
    }
    if (!names.isEmpty()) {
      byte[] all = Der.sequence(names.toArray(byte[][]::new));
      extensions.add(Der.sequence(Der.oid("2.5.29.17"), Der.octets(all)));
    }
    byte[] body =
        Der.sequence(
            Der.of(0xa0, Der.whole(BigInteger.TWO)),
            Der.whole(BigInteger.valueOf(SERIALS.incrementAndGet())),
            SIGNED_BY_EC,
            subject(name),
            Der.sequence(Der.time(begin), Der.time(end)),
            subject(subject),
            of.getPublic().getEncoded(),
            Der.of(0xa3, Der.sequence(extensions.toArray(byte[][]::new))));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(body);
      byte[] whole = Der.sequence(body, SIGNED_BY_EC, Der.bits(signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(whole));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] subject(String name) {
    return Der.sequence(Der.of(0x31, Der.sequence(Der.oid("2.5.4.3"), Der.text(name))));
  }

  /** Writes {@code tls.crt}, {@code tls.key} and {@code ca.crt}, each whole or not at all. */
  public Path write(Leaf leaf, Path folder) {
    try {
      Files.createDirectories(folder);
      put(folder.resolve("ca.crt"), "CERTIFICATE", encoded(certificate));
      put(folder.resolve("tls.key"), "PRIVATE KEY", leaf.keys().getPrivate().getEncoded());
      put(folder.resolve("tls.crt"), "CERTIFICATE", encoded(leaf.certificate()));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void put(Path file, String kind, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    String pem = "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    Files.write(fresh, pem.getBytes(UTF_8));
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The settings for those three files. */
  public static List<String> settings(Path folder) {
    return List.of(
        "--fermata.identity.certificate=" + folder.resolve("tls.crt"),
        "--fermata.identity.private-key=" + folder.resolve("tls.key"),
        "--fermata.identity.authorities=" + folder.resolve("ca.crt"));
  }

  /** A client that trusts this authority; with that certificate, or with none. */
  public HttpClient client(Leaf leaf) {
    return HttpClient.newBuilder().sslContext(context(leaf)).build();
  }

  /** What such a client connects with. */
  public SSLContext context(Leaf leaf) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", certificate);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(leaf), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What proves to be that one, or nobody. */
  static KeyManager[] keys(Leaf leaf) throws GeneralSecurityException, IOException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    if (leaf != null) {
      Certificate[] chain = {leaf.certificate()};
      own.setKeyEntry("own", leaf.keys().getPrivate(), new char[0], chain);
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(own, new char[0]);
    return managers.getKeyManagers();
  }
}
