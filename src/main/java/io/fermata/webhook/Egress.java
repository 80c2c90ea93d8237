package io.fermata.webhook;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where this program may send to. A place is named by its origin in the configuration; and an
 * address that is this machine's, its link's or a cloud's metadata is refused all the same, unless
 * the configuration names that very address.
 */
final class Egress {
  private static final Set<String> METADATA = Set.of("100.100.100.200", "fd00:ec2:0:0:0:0:0:254");

  private final Set<String> origins = new TreeSet<>();
  private final Set<String> hosts = new TreeSet<>();

  Egress(WebhookSettings settings) {
    for (String allowed : settings.allow()) {
      String origin = origin(allowed);
      origins.add(origin);
      hosts.add(literal(host(URI.create(origin))));
    }
  }

  /** Whether anything may be sent anywhere. */
  boolean closed() {
    return origins.isEmpty();
  }

  Set<String> origins() {
    return origins;
  }

  /**
   * The origin of an address: scheme, host and port.
   *
   * @throws IllegalArgumentException if it is not a plain http or https address
   */
  static String origin(String url) {
    URI uri = uri(url);
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int usual = scheme.equals("https") ? 443 : 80;
    int port = uri.getPort() < 0 ? usual : uri.getPort();
    return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  /**
   * The address as it is used.
   *
   * @throws IllegalArgumentException if it is not allowed
   */
  URI allowed(String url) {
    if (!origins.contains(origin(url))) {
      throw new IllegalArgumentException(
          "is not one of fermata.webhooks.allow, which has " + String.join(", ", origins));
    }
    return uri(url);
  }

  private static URI uri(String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be an address such as https://host/path", e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean plain =
        (scheme.equals("https") || scheme.equals("http"))
            && uri.getHost() != null
            && uri.getUserInfo() == null
            && uri.getFragment() == null;
    if (!plain) {
      throw new IllegalArgumentException(
          "must be an http or https address without user and fragment, such as https://host/path");
    }
    return uri;
  }

  /**
   * Resolves the host once; whoever connects uses this address and no other.
   *
   * @throws Delivery.Failed if it has none, or one that is not to be sent to
   */
  InetAddress pinned(URI url) throws Delivery.Failed {
    String host = host(url);
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new Delivery.Failed("the host " + host + " has no address", e);
    }
    if (inner(address) && !named(address)) {
      throw new Delivery.Failed(
          host + " is at " + address.getHostAddress() + ", which is not to be sent to", null);
    }
    return address;
  }

  private boolean named(InetAddress address) {
    return hosts.contains(address.getHostAddress());
  }

  private static boolean inner(InetAddress address) {
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || METADATA.contains(address.getHostAddress());
  }

  /** An address that was written as one, in the spelling of {@link InetAddress}. */
  private static String literal(String host) {
    if (!host.contains(":") && !host.matches("[0-9.]+")) {
      return host;
    }
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + host, e);
    }
  }

  private static String host(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
