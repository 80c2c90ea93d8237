package io.fermata.migration.trace;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where traces go, under {@code fermata.tracing}.
 *
 * @param endpoint of a collector that takes OTLP over HTTP, such as {@code
 *     http://collector:4318/v1/traces}; null for no traces
 * @param timeout for one answer of it
 * @param queue spans that may wait for it; more are dropped
 * @param retry pause before what it did not take is sent again
 * @param attempts after which that is dropped
 */
@ConfigurationProperties(prefix = "fermata.tracing", ignoreUnknownFields = false)
public record TracingSettings(
    @Nullable URI endpoint,
    @DefaultValue("10s") Duration timeout,
    @DefaultValue("20000") int queue,
    @DefaultValue("1s") Duration retry,
    @DefaultValue("5") int attempts) {
  public TracingSettings {
    String scheme = endpoint == null ? "http" : String.valueOf(endpoint.getScheme());
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "fermata.tracing.endpoint must begin with http:// or https://, is " + endpoint);
    }
    positive("timeout", timeout.toMillis());
    positive("queue", queue);
    positive("retry", retry.toMillis());
    positive("attempts", attempts);
  }

  private static void positive(String property, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "fermata.tracing." + property + " must be above 0, is " + value);
    }
  }
}
