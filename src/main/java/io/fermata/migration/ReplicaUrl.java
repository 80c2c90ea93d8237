package io.fermata.migration;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Where other replicas reach this one, if nobody says. */
final class ReplicaUrl {
  /** An IPv6 address, which has two colons at least, and a port. */
  private static final Pattern BARE =
      Pattern.compile("(https?://)([0-9a-fA-F]*:[0-9a-fA-F:.]*):([0-9]{1,5})");

  private ReplicaUrl() {}

  static String of(@Nullable String configured, Environment environment) {
    if (configured != null) {
      return bracketed(configured);
    }
    String scheme = environment.containsProperty("server.ssl.bundle") ? "https" : "http";
    return scheme + "://" + address(environment) + ":" + port(environment);
  }

  /** Whoever puts an address before a port need not know which kind it is: a pod is told either. */
  private static String bracketed(String url) {
    var bare = BARE.matcher(url);
    return bare.matches() ? bare.replaceFirst("$1[$2]:$3") : url;
  }

  private static String address(Environment environment) {
    String bound = environment.getProperty("server.address", "0.0.0.0");
    if (!bound.equals("0.0.0.0") && !bound.equals("::")) {
      return bound.contains(":") ? "[" + bound + "]" : bound;
    }
    try {
      String own = InetAddress.getLocalHost().getHostAddress();
      return own.contains(":") ? "[" + own + "]" : own;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(
          "this machine does not know its own address: set fermata.replica.url", e);
    }
  }

  private static String port(Environment environment) {
    return environment.getProperty(
        "local.server.port", environment.getProperty("server.port", "8080"));
  }
}
