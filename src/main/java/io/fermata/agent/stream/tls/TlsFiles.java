package io.fermata.agent.stream.tls;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;

/**
 * Where the certificates are: PEM files, read again for new connections once they have changed.
 *
 * @param trustDomain the first part of every identity; others are refused
 * @param certificate this host's chain, its own certificate first
 * @param privateKey its key, PKCS#8
 * @param authorities those that may name agents
 */
public record TlsFiles(String trustDomain, Path certificate, Path privateKey, Path authorities)
    implements TlsKeys {

  /** What tells that a file is another one than before. */
  record Version(List<FileTime> changed, List<Long> bytes) {}

  @Override
  public Version version() throws IOException {
    List<Path> all = List.of(certificate, privateKey, authorities);
    FileTime[] changed = new FileTime[all.size()];
    Long[] bytes = new Long[all.size()];
    for (int i = 0; i < all.size(); i++) {
      changed[i] = Files.getLastModifiedTime(all.get(i));
      bytes[i] = Files.size(all.get(i));
    }
    return new Version(List.of(changed), List.of(bytes));
  }

  @Override
  public SslContextBuilder server() {
    return SslContextBuilder.forServer(certificate.toFile(), privateKey.toFile())
        .trustManager(authorities.toFile());
  }

  @Override
  public SslContextBuilder client() {
    return SslContextBuilder.forClient()
        .keyManager(certificate.toFile(), privateKey.toFile())
        .trustManager(authorities.toFile());
  }
}
