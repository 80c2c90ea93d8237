package io.fermata.agent.stream;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host and a port as people write them; an IPv6 address stands in brackets. */
record Endpoint(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([^:\\[\\]\\s]+)):(\\d{1,5})");
  private static final int PORT_MAX = 65_535;

  static Endpoint parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(text + " is not host:port");
    }
    String host = parts.group(1) != null ? parts.group(1) : parts.group(2);
    int port = Integer.parseInt(parts.group(3));
    if (port > PORT_MAX) {
      throw new IllegalArgumentException(text + " has no such port");
    }
    return new Endpoint(host, port);
  }

  /** Looks the name up, which may block; the result may be unresolved. */
  InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
