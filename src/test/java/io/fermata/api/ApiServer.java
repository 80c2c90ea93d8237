package io.fermata.api;

import io.fermata.audit.AuditSettings;
import io.fermata.audit.AuditTrail;
import io.fermata.audit.BreakGlass;
import io.fermata.drain.Drain;
import io.fermata.drain.DrainSettings;
import io.fermata.drain.Drains;
import io.fermata.journal.MemoryJournal;
import io.fermata.metrics.Instruments;
import io.fermata.migration.DryRuns;
import io.fermata.migration.JournaledDryRuns;
import io.fermata.migration.Latencies;
import io.fermata.migration.Owners;
import io.fermata.webhook.WebhookSettings;
import io.fermata.webhook.Webhooks;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import tools.jackson.databind.JsonNode;

/** The API as it runs, on a port of its own, with fakes below it; one for all tests. */
final class ApiServer {
  private static final WebhookSettings HOOKS =
      new WebhookSettings(
          List.of("https://hooks.example.com"),
          "urn:fermata",
          1,
          Duration.ofSeconds(1),
          Duration.ofMillis(20),
          Duration.ofMillis(20),
          Duration.ofSeconds(1),
          50,
          10);
  private static final AuditSettings AUDIT =
      new AuditSettings(Duration.ofSeconds(1), Duration.ofMillis(20), 100, Duration.ofMinutes(10));
  private static final ApiServer ONLY = new ApiServer();

  final FakeMigrations migrations;
  final FakeFleet fleet;
  final FakeTraffic traffic;
  final FakeRecovery recovery;
  final MemoryJournal journal;
  final ServletWebServerApplicationContext context;
  private final HttpClient client = HttpClient.newHttpClient();

  private ApiServer() {
    context =
        (ServletWebServerApplicationContext)
            SpringApplication.run(
                Room.class,
                "--server.port=0",
                "--fermata.api.heartbeat=200ms",
                "--fermata.api.clients-max=4");
    migrations = context.getBean(FakeMigrations.class);
    fleet = context.getBean(FakeFleet.class);
    traffic = context.getBean(FakeTraffic.class);
    recovery = context.getBean(FakeRecovery.class);
    journal = context.getBean(MemoryJournal.class);
  }

  /** The server with nothing in it. */
  static ApiServer fresh() {
    ONLY.endDrains();
    ONLY.migrations.clear();
    ONLY.fleet.reset();
    ONLY.traffic.clear();
    ONLY.recovery.clear();
    return ONLY;
  }

  /** Calls off every drain, and lets it end. */
  void endDrains() {
    Drains drains = context.getBean(Drains.class);
    for (Drain drain : drains.all()) {
      if (!drain.phase().ended()) {
        drains.cancel(drain.id(), new Drain.Cancel("test", null, false));
      }
    }
    drains.look();
    drains.look();
  }

  /** No @Configuration: the scan of a role that a test starts must not find these fakes. */
  @EnableAutoConfiguration
  @ComponentScan("io.fermata.api")
  @ConfigurationPropertiesScan("io.fermata.api")
  static class Room {
    @Bean
    FakeMigrations migrations() {
      return new FakeMigrations();
    }

    @Bean
    FakeTraffic traffic() {
      return new FakeTraffic();
    }

    @Bean
    FakeFleet fleet() {
      return new FakeFleet();
    }

    @Bean
    Latencies latencies() {
      return new Latencies();
    }

    @Bean
    Owners owners() {
      return Owners.only("replica1");
    }

    @Bean
    FakeRecovery recovery() {
      return new FakeRecovery();
    }

    @Bean
    MemoryJournal journal() {
      return new MemoryJournal(InstantSource.system(), Duration.ofDays(10_000));
    }

    @Bean
    DryRuns dryRuns(MemoryJournal journal, InstantSource time) {
      var settings = new JournaledDryRuns.Settings(100, Duration.ofMinutes(10));
      return new JournaledDryRuns(journal, time, RandomGenerator.getDefault(), settings);
    }

    @Bean
    AuditTrail audit(MemoryJournal journal, PrometheusRegistry registry) {
      return new AuditTrail(journal, AUDIT, new Instruments(registry));
    }

    @Bean
    BreakGlass breakGlass(MemoryJournal journal, InstantSource time, PrometheusRegistry registry) {
      return new BreakGlass(journal, AUDIT, time, new Instruments(registry));
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Webhooks webhooks(MemoryJournal journal, PrometheusRegistry registry, InstantSource time) {
      return new Webhooks(
          HOOKS, journal, time, RandomGenerator.of("SecureRandom"), new Instruments(registry));
    }

    @Bean
    DrainSettings drainSettings() {
      var second = Duration.ofSeconds(1);
      return new DrainSettings(second, 4, 3, second, second, 50);
    }

    /** Looks only when it is told to. */
    @Bean(destroyMethod = "close")
    Drains drains(
        MemoryJournal journal,
        FakeFleet fleet,
        FakeMigrations migrations,
        FakeTraffic traffic,
        InstantSource time,
        DrainSettings settings) {
      var random = RandomGenerator.of("SecureRandom");
      return new Drains(
          new Drains.World(journal, fleet, fleet, migrations, traffic, time, random), settings);
    }

    @Bean
    InstantSource time() {
      return InstantSource.offset(
          InstantSource.system(),
          Duration.between(Instant.now(), Instant.ofEpochMilli(FakeMigrations.T0 + 60_000)));
    }
  }

  int port() {
    return context.getWebServer().getPort();
  }

  URI at(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(at("/api/v1" + path));
  }

  HttpResponse<String> get(String path, String... headers) {
    var request = request(path);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> post(String path, String json, String... headers) {
    var request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> form(String path, String form) {
    return send(
        request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("request failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  HttpClient client() {
    return client;
  }

  static JsonNode json(HttpResponse<String> response) {
    return Json.read(response.body());
  }
}
