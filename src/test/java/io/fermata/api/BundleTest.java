package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** A bundle has everything about a migration, and no secret wherever one may be. */
class BundleTest {
  private static final String CANARY = "canary-5f1e";
  private static final String SOURCE = "canaries";

  private final ApiServer api = ApiServer.fresh();
  private final ConfigurableEnvironment environment = api.context.getEnvironment();

  @AfterEach
  void noCanaryStays() {
    environment.getPropertySources().remove(SOURCE);
  }

  @Test
  void everythingThatIsKnownIsInIt() throws Exception {
    api.migrations.put(new TextFormTest().inTheBarrier());
    api.migrations.happened("mig70000", "migration.moved", "{\"to\":\"COPYING\"}");
    Map<String, String> files = bundle();
    assertEquals(
        List.of(
            "migration.json",
            "events.ndjson",
            "timeline.json",
            "timeline.txt",
            "explain.json",
            "explain.txt",
            "hosts.json",
            "settings.json",
            "versions.json"),
        List.copyOf(files.keySet()));
    assertTrue(files.get("events.ndjson").contains("migration.moved"));
    assertTrue(files.get("timeline.txt").contains("RUNNING_P2P→STOP"));
    assertTrue(files.get("hosts.json").contains("host-b"));
    assertTrue(files.get("settings.json").contains("fermata.api.clients-max"));
  }

  @Test
  void aCanaryInEveryPlaceForASecretStaysOut() throws Exception {
    Map<String, Object> secrets = new LinkedHashMap<>();
    secrets.put("fermata.journal.password", CANARY);
    secrets.put("fermata.journal.url", "jdbc:postgresql://me:" + CANARY + "@db/f?pw=" + CANARY);
    secrets.put("fermata.webhooks.secret", CANARY);
    secrets.put("fermata.agent.token", CANARY);
    secrets.put("fermata.fleet.private-key", CANARY);
    secrets.put("spring.datasource.password", CANARY);
    secrets.put("server.ssl.key-store-password", CANARY);
    secrets.put("some.other", CANARY);
    environment.getPropertySources().addFirst(new MapPropertySource(SOURCE, secrets));
    api.migrations.put(new TextFormTest().inTheBarrier());
    api.migrations.happened("mig70000", "migration.x", "{\"token\":\"" + CANARY + "\"}");
    Map<String, String> files = bundle();
    files.forEach((name, text) -> {
      assertFalse(text.contains(CANARY), name + ": " + text);
      assertFalse(text.contains("the-secret-token"), name);
    });
    assertTrue(files.get("settings.json").contains("fermata.journal.url"));
  }

  private Map<String, String> bundle() throws Exception {
    var response =
        api.client()
            .send(api.request("/migrations/mig7/bundle").build(), BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    assertEquals("application/zip", response.headers().firstValue("Content-Type").orElse(""));
    Map<String, String> files = new LinkedHashMap<>();
    try (var zip = new ZipInputStream(new ByteArrayInputStream(response.body()))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
      }
    }
    return files;
  }
}
