package io.fermata.migration;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Where other replicas reach this one, if nobody says. */
final class ReplicaUrl {
  private ReplicaUrl() {}

  static String of(@Nullable String configured, Environment environment) {
    if (configured != null) {
      return configured;
    }
    String scheme = environment.containsProperty("server.ssl.bundle") ? "https" : "http";
    return scheme + "://" + address(environment) + ":" + port(environment);
  }

  private static String address(Environment environment) {
    String bound = environment.getProperty("server.address", "0.0.0.0");
    if (!bound.equals("0.0.0.0") && !bound.equals("::")) {
      return bound.contains(":") ? "[" + bound + "]" : bound;
    }
    try {
      return InetAddress.getLocalHost().getHostAddress();
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
