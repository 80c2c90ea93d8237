package io.fermata.migration;

import io.fermata.journal.JournalSettings;
import io.fermata.journal.PostgresSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
 *     back; at least the lease; null for 10 s, or the lease where that is longer
 * @param convergenceWindow pre-copy that sends for so long and never has less left than before
 *     counts as done; at least the poll
 */
@ConfigurationProperties(prefix = "fermata.migration", ignoreUnknownFields = false)
public record MigrationSettings(
    @DefaultValue("3s") Duration lease,
    @DefaultValue("200ms") Duration poll,
    @DefaultValue("200ms") Duration retry,
    @DefaultValue("10000") int maxActive,
    @DefaultValue Map<Phase, Duration> deadlines,
    @Nullable Duration silence,
    @DefaultValue("10s") Duration convergenceWindow) {
  private static final long USUAL_SILENCE_MILLIS = 10_000;

  /** The same in the loop's units; an impossible value is an error that names the property. */
  public Terms terms() {
    Map<Phase, Long> millis = new EnumMap<>(Phase.class);
    deadlines.forEach((phase, time) -> millis.put(phase, time.toMillis()));
    long quiet =
        silence == null ? Math.max(USUAL_SILENCE_MILLIS, lease.toMillis()) : silence.toMillis();
    return new Terms(
        millis,
        lease.toMillis(),
        poll.toMillis(),
        retry.toMillis(),
        maxActive,
        quiet,
        convergenceWindow.toMillis());
  }

  /**
   * Where the journal is, under {@code fermata.journal}.
   *
   * @param url {@code jdbc:sqlite:} for a file in the directory, which one orchestrator has for
   *     itself; {@code jdbc:postgresql://host/database} for one that several share
   * @param username of the database, or null
   * @param password of the database, or null; better in a file
   * @param passwordFile whose first line is the password, read anew for each connection; or null
   * @param timeout how long the server may take to answer
   * @param durability whether a server that may forget what it promised is refused
   * @param directory of the SQLite database; made if it is missing
   * @param queueLimit changes that may wait for the writer
   * @param readers connections for reading
   * @param keyRetention how long an idempotency key is remembered
   */
  @ConfigurationProperties(prefix = "fermata.journal", ignoreUnknownFields = false)
  public record JournalPlace(
      @DefaultValue("jdbc:sqlite:") String url,
      @Nullable String username,
      @Nullable String password,
      @Nullable Path passwordFile,
      @DefaultValue("2s") Duration timeout,
      @DefaultValue("required") PostgresSettings.Durability durability,
      @DefaultValue("data/journal") Path directory,
      @DefaultValue("100000") int queueLimit,
      @DefaultValue("4") int readers,
      @DefaultValue("7d") Duration keyRetention) {

    /** Whether several orchestrators may have it open at once. */
    public boolean shared() {
      return !url.equals("jdbc:sqlite:");
    }

    JournalSettings journal() {
      return new JournalSettings(directory, queueLimit, readers, keyRetention);
    }

    PostgresSettings postgres() {
      return new PostgresSettings(url, username, this::secret, timeout, durability);
    }

    private @Nullable String secret() {
      if (passwordFile == null) {
        return password;
      }
      try {
        return Files.readString(passwordFile).strip();
      } catch (IOException e) {
        throw new UncheckedIOException("fermata.journal.password-file cannot be read", e);
      }
    }

    @Override
    public String toString() {
      return "JournalPlace[" + (shared() ? url : directory) + "]";
    }
  }

  /**
   * How a journal is begun with, under {@code fermata.recovery}.
   *
   * @param mode {@code compare}: it waits for a word if the agents know more than it; {@code
   *     quarantine}: it always does, for the start after a backup was restored
   */
  @ConfigurationProperties(prefix = "fermata.recovery", ignoreUnknownFields = false)
  public record RecoverySettings(@DefaultValue("compare") JournaledRecovery.Mode mode) {}

  /**
   * What dry runs showed, under {@code fermata.dry-runs}.
   *
   * @param most how many of them are kept
   * @param valid how long their words are good
   */
  @ConfigurationProperties(prefix = "fermata.dry-runs", ignoreUnknownFields = false)
  public record DryRunSettings(@DefaultValue("200") int most, @DefaultValue("10m") Duration valid) {
    public DryRunSettings {
      if (most < 1 || most > 10_000) {
        throw new IllegalArgumentException(
            "fermata.dry-runs.most must be from 1 to 10000, is " + most);
      }
      if (valid.toSeconds() < 1 || valid.toDays() > 1) {
        throw new IllegalArgumentException(
            "fermata.dry-runs.valid must be from 1s to 1d, is " + valid);
      }
    }
  }

  /**
   * This replica among those that share a journal, under {@code fermata.replica}. Without effect
   * where the journal is SQLite.
   *
   * @param url where the others reach this one's API; null for the address that the server has
   * @param lease how long a replica that says nothing keeps what it owns
   * @param heartbeat how often it renews its lease and looks for what nobody owns
   */
  @ConfigurationProperties(prefix = "fermata.replica", ignoreUnknownFields = false)
  public record ReplicaPlace(
      @Nullable String url,
      @DefaultValue("1500ms") Duration lease,
      @DefaultValue("500ms") Duration heartbeat) {
    public ReplicaPlace {
      if (url != null && !url.matches("https?://[^/?#]+")) {
        throw new IllegalArgumentException(
            "fermata.replica.url must be http:// or https:// with host and port only, is " + url);
      }
      var _ = new LeaseTerms(lease, heartbeat);
    }

    LeaseTerms terms() {
      return new LeaseTerms(lease, heartbeat);
    }
  }
}
