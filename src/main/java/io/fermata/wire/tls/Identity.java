package io.fermata.wire.tls;

import io.fermata.handover.HostName;
import java.net.URI;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which process a certificate stands for, written as {@code spiffe://<trust-domain>/agent/<host>}
 * or {@code spiffe://<trust-domain>/orchestrator/<name>}.
 *
 * @param name the host of an agent; of an orchestrator any name
 */
public record Identity(String trustDomain, Kind kind, String name) {
  /** The kind of subject alternative name that holds a URI (RFC 5280, 4.2.1.6). */
  private static final int URI_NAME = 6;

  private static final Pattern FORM =
      Pattern.compile(
          "spiffe://([a-z0-9._-]{1,255})/(agent|orchestrator)/([A-Za-z0-9][A-Za-z0-9.-]{0,62})");

  /** What a process is. */
  public enum Kind {
    AGENT,
    ORCHESTRATOR
  }

  /** The identity of an agent's host. */
  public static Identity agent(String trustDomain, HostName host) {
    return new Identity(trustDomain, Kind.AGENT, host.value());
  }

  /** Reads one, or empty when the text is none. */
  public static Optional<Identity> of(String uri) {
    Matcher form = FORM.matcher(uri);
    if (!form.matches()) {
      return Optional.empty();
    }
    Kind kind = Kind.valueOf(form.group(2).toUpperCase(Locale.ROOT));
    return Optional.of(new Identity(form.group(1), kind, form.group(3)));
  }

  /**
   * The identity in a certificate. One with several URIs has none: which of them counts would be
   * for the reader to choose (SPIFFE X.509-SVID, section 2).
   */
  public static Optional<Identity> of(X509Certificate certificate) {
    List<String> uris = uris(certificate);
    return uris.size() == 1 ? of(uris.getFirst()) : Optional.empty();
  }

  private static List<String> uris(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> Integer.valueOf(URI_NAME).equals(name.getFirst()))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of(); // names that cannot be read name nobody
    }
  }

  /** Whether this is the agent of any host. */
  public boolean isAgent() {
    return kind == Kind.AGENT;
  }

  /** Whether this is the agent of that host. */
  public boolean isAgent(HostName host) {
    return kind == Kind.AGENT && name.equals(host.value());
  }

  /** Whether this is an orchestrator. */
  public boolean isOrchestrator() {
    return kind == Kind.ORCHESTRATOR;
  }

  /** As it stands in the certificate. */
  public URI uri() {
    return URI.create(toString());
  }

  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/" + kind.name().toLowerCase(Locale.ROOT) + "/" + name;
  }
}
