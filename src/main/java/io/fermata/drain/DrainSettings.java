package io.fermata.drain;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How hosts are evacuated, under {@code fermata.drains}.
 *
 * @param tick how often each drain is looked at
 * @param concurrency migrations of a drain that may be under way at once, where its caller says
 *     nothing
 * @param attempts how many migrations of a machine may fail before a person is asked
 * @param retry how long a machine waits after one that failed
 * @param settle how long every orchestrator may take to learn of a cordon
 * @param kept drains that are over and still shown
 */
@ConfigurationProperties(prefix = "fermata.drains", ignoreUnknownFields = false)
public record DrainSettings(
    @DefaultValue("500ms") Duration tick,
    @DefaultValue("4") int concurrency,
    @DefaultValue("3") int attempts,
    @DefaultValue("10s") Duration retry,
    @DefaultValue("3s") Duration settle,
    @DefaultValue("200") int kept) {
  /** No drain has more slots. */
  public static final int MOST_AT_ONCE = 1_000;

  public DrainSettings {
    within("tick", tick.toMillis(), 50, 60_000);
    within("concurrency", concurrency, 1, MOST_AT_ONCE);
    within("attempts", attempts, 1, 100);
    within("retry", retry.toMillis(), 100, Duration.ofHours(1).toMillis());
    within("settle", settle.toMillis(), 1_000, Duration.ofMinutes(10).toMillis());
    within("kept", kept, 1, 10_000);
  }

  private static void within(String property, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "fermata.drains."
              + property
              + " must be from "
              + least
              + " to "
              + most
              + ", is "
              + value);
    }
  }

  /** The same as decisions have it. */
  public Rules rules() {
    return new Rules(attempts, retry.toMillis(), settle.toMillis());
  }
}
