package io.fermata.migration;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The limits of a journal in which nobody changed them, under {@code fermata.limits}. That of the
 * cluster is {@code fermata.migration.max-active}.
 *
 * @param perSource migrations under way from one host
 * @param perDestination migrations under way to one host
 * @param perPair migrations under way from one host to one other
 * @param blackouts guests that may be dark at once
 * @param queued migrations that may wait
 * @param aging how long a migration waits for each priority that it is lifted by
 */
@ConfigurationProperties(prefix = "fermata.limits", ignoreUnknownFields = false)
public record LimitSettings(
    @DefaultValue("16") int perSource,
    @DefaultValue("16") int perDestination,
    @DefaultValue("16") int perPair,
    @DefaultValue("64") int blackouts,
    @DefaultValue("10000") int queued,
    @DefaultValue("5m") Duration aging) {

  public LimitSettings {
    if (aging.toMillis() < 1) {
      throw new IllegalArgumentException("fermata.limits.aging must be at least 1ms, is " + aging);
    }
    new Limits(1, perSource, perDestination, perPair, blackouts, queued);
  }

  /** The limits; an impossible value is an error that names it. */
  Limits limits(int cluster) {
    return new Limits(cluster, perSource, perDestination, perPair, blackouts, queued);
  }
}
