package io.fermata.agent.stream;

import io.fermata.agent.stream.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** Certificates that sign themselves, made by the JDK's keytool, as PEM files. */
public final class Certificates {
  private static final String PASSWORD = "changeit";

  private final Path folder;

  public Certificates(Path folder) {
    this.folder = folder;
  }

  /** What an agent is given that is that host and trusts those. */
  public TlsFiles files(String host, String... trusted) {
    try {
      StringBuilder authorities = new StringBuilder();
      for (String each : trusted) {
        make(each, "spiffe://fermata/agent/" + each);
        authorities.append(Files.readString(folder.resolve(each + ".crt")));
      }
      make(host, "spiffe://fermata/agent/" + host);
      Path all = folder.resolve("authorities-of-" + host + ".crt");
      Files.writeString(all, authorities);
      return new TlsFiles(
          "fermata", folder.resolve(host + ".crt"), folder.resolve(host + ".key"), all);
    } catch (IOException | GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Puts the certificate of another host in the place of that one. */
  public void replace(String host, String by) throws IOException {
    for (String end : new String[] {".crt", ".key"}) {
      Path from = folder.resolve(by + end);
      Files.copy(from, folder.resolve(host + end), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void make(String host, String uri)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve(host + ".p12");
    if (Files.exists(store)) {
      return;
    }
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "me",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=uri:" + uri,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-validity",
                "2")
            .redirectErrorStream(true)
            .start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    write(host + ".crt", "CERTIFICATE", keys.getCertificate("me").getEncoded());
    write(host + ".key", "PRIVATE KEY", keys.getKey("me", PASSWORD.toCharArray()).getEncoded());
  }

  private void write(String name, String kind, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        folder.resolve(name),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, body));
  }
}
