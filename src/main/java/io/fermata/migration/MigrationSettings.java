package io.fermata.migration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The orchestrator's times and limits, under {@code fermata.migration}, as an operator writes them.
 *
 * @param lease how long a source stays stopped without a word from an orchestrator
 * @param poll how often agents are asked while nothing but time passes
 * @param retry pause before a failed or refused request is repeated
 * @param maxActive migrations that may be under way at once
 * @param deadlines how long a phase may take; phases that are left out keep their usual ones
 * @param silence how long a host may answer nothing before a migration that is not sealed turns
 *     back; at least the lease
 */
@ConfigurationProperties(prefix = "fermata.migration", ignoreUnknownFields = false)
public record MigrationSettings(
    @DefaultValue("3s") Duration lease,
    @DefaultValue("200ms") Duration poll,
    @DefaultValue("200ms") Duration retry,
    @DefaultValue("10000") int maxActive,
    @DefaultValue Map<Phase, Duration> deadlines,
    @DefaultValue("10s") Duration silence) {

  /** The same in the loop's units; an impossible value is an error that names the property. */
  public Terms terms() {
    Map<Phase, Long> millis = new EnumMap<>(Phase.class);
    deadlines.forEach((phase, time) -> millis.put(phase, time.toMillis()));
    return new Terms(
        millis, lease.toMillis(), poll.toMillis(), retry.toMillis(), maxActive, silence.toMillis());
  }

  /**
   * Where the journal is, under {@code fermata.journal}.
   *
   * @param directory of the database; made if it is missing
   * @param queueLimit changes that may wait for the writer
   * @param readers connections for reading
   * @param keyRetention how long an idempotency key is remembered
   */
  @ConfigurationProperties(prefix = "fermata.journal", ignoreUnknownFields = false)
  public record JournalPlace(
      @DefaultValue("data/journal") Path directory,
      @DefaultValue("100000") int queueLimit,
      @DefaultValue("4") int readers,
      @DefaultValue("7d") Duration keyRetention) {}
}
