package io.fermata.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code fermata.audit.*}.
 *
 * @param patience how long a request waits for its record to be on disk before it is refused
 * @param retry pause before records that could not be written are tried again
 * @param spoolMax records that may wait in memory for a store that takes none; more are only logged
 * @param breakGlassEvery how often one who comes with a client certificate is an event, at most
 */
@ConfigurationProperties(prefix = "fermata.audit", ignoreUnknownFields = false)
public record AuditSettings(
    @DefaultValue("5s") Duration patience,
    @DefaultValue("1s") Duration retry,
    @DefaultValue("10000") int spoolMax,
    @DefaultValue("10m") Duration breakGlassEvery) {
  public AuditSettings {
    within("patience", patience.toMillis(), 10, 60_000);
    within("retry", retry.toMillis(), 10, 600_000);
    within("spool-max", spoolMax, 1, 1_000_000);
    within("break-glass-every", breakGlassEvery.toMillis(), 1, 86_400_000);
  }

  private static void within(String property, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "fermata.audit." + property + " must be from " + least + " to " + most + ", is " + value);
    }
  }
}
