package io.fermata.journal;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A real PostgreSQL for tests, which keeps what it promises: the defaults of the library, fsync off
 * and synchronous_commit off, are turned round.
 */
public final class PostgresServer implements AutoCloseable {
  private static final Supplier<PostgresServer> SHARED =
      new Supplier<>() {
        private PostgresServer server;

        @Override
        public synchronized PostgresServer get() {
          if (server == null) {
            server = new PostgresServer(null, 0);
          }
          return server;
        }
      };

  private final Path directory;
  private final int port;
  private EmbeddedPostgres running;
  private int databases;

  private PostgresServer(Path directory, int port) {
    this.directory = directory;
    this.running = launch(directory, port);
    this.port = running.getPort();
  }

  /** The one that all tests of this JVM share; it ends with the JVM. */
  public static PostgresServer shared() {
    return SHARED.get();
  }

  /** One of its own, to be stopped and started again. */
  public static PostgresServer in(Path directory) {
    return new PostgresServer(directory, 0);
  }

  private static EmbeddedPostgres launch(Path directory, int port) {
    var builder =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "100")
            .setServerConfig("timezone", "UTC")
            .setPGStartupWait(Duration.ofSeconds(60));
    if (port > 0) {
      builder.setPort(port);
    }
    if (directory != null) {
      builder.setDataDirectory(directory).setCleanDataDirectory(false);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An empty schema: as good as a database, and made in no time. */
  public synchronized String database() {
    databases++;
    String name = "journal_" + databases;
    try (var connection = running.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create schema " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return "jdbc:postgresql://localhost:" + port + "/postgres?currentSchema=" + name;
  }

  /** How to open a database of this server. */
  public static PostgresSettings settings(String url) {
    return new PostgresSettings(
        url, "postgres", () -> null, Duration.ofSeconds(2), PostgresSettings.Durability.REQUIRED);
  }

  /** Stops the server as an administrator would who has no time. */
  public void stop() {
    try {
      running.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it again, at the same port and with what it had on disk. */
  public void start() {
    running = launch(directory, port);
  }

  @Override
  public void close() {
    stop();
  }
}
