package io.fermata.journal;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a shared journal is, and who asks.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, without a password
 * @param username null where the server asks for none
 * @param password asked for at each new connection, so that a changed one needs no restart
 * @param timeout how long a connection or an answer may take
 * @param durability what to do with a server that may lose what it acknowledged
 */
public record PostgresSettings(
    String url,
    @Nullable String username,
    Supplier<@Nullable String> password,
    Duration timeout,
    Durability durability) {

  /** What to do with a server that acknowledges a commit before it is on disk. */
  public enum Durability {
    /** Do not start. */
    REQUIRED,
    /** Say so in the log and go on: for trials only. */
    WARNED
  }

  public PostgresSettings {
    require(
        url.startsWith("jdbc:postgresql:"),
        "url",
        "must begin with jdbc:sqlite: or jdbc:postgresql:");
    require(
        !url.matches("(?i).*[?&](password|user)=.*"),
        "url",
        "must not name user or password: use fermata.journal.username and password-file");
    require(
        timeout.compareTo(Duration.ofMillis(100)) >= 0
            && timeout.compareTo(Duration.ofMinutes(1)) <= 0,
        "timeout",
        "must be between 100ms and 1m, is " + timeout);
  }

  private static void require(boolean holds, String property, String problem) {
    if (!holds) {
      throw new IllegalArgumentException("fermata.journal." + property + " " + problem);
    }
  }
}
