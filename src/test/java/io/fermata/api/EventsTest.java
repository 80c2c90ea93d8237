package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Events: what was, and what comes. */
class EventsTest {
  /** The log follows all the time. */
  private static final int LOG = 1;

  private final ApiServer api = ApiServer.fresh();

  @AfterEach
  void everybodyHasLeft() {
    Awaitility.await().until(() -> api.context.getBean(Clients.class).taken() == 0);
  }

  @Test
  void historyIsPagedAndShowsNoSecret() {
    for (int i = 1; i <= 3; i++) {
      api.migrations.happened(
          "miga", "migration.phase", "{\"n\":" + i + ",\"in\":{\"token\":\"x\"}}");
    }
    JsonNode page = ApiServer.json(api.get("/events?after=1&limit=1"));
    assertEquals(1, page.get("items").size());
    assertEquals(2, page.get("items").get(0).get("seq").intValue());
    assertEquals(2, page.get("items").get(0).get("data").get("n").intValue());
    assertEquals(2, page.get("next").intValue());
    assertFalse(page.toString().contains("token"));
  }

  @Test
  void anEventSourceGoesOnAfterTheLastEventThatItSaw() throws Exception {
    for (int i = 1; i <= 3; i++) {
      api.migrations.happened("miga", "migration.phase", "{}");
    }
    var request =
        api.request("/events?follow")
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", "2");
    try (BufferedReader stream = open(request, "text/event-stream")) {
      assertEquals("id: 3", stream.readLine());
      assertEquals("event: migration.phase", stream.readLine());
      assertTrue(stream.readLine().startsWith("data: {\"seq\":3"));
      Awaitility.await().until(() -> api.migrations.followers() == LOG + 1);
      api.migrations.happened("miga", "migration.gate", "{}");
      assertTrue(read(stream, "id: 4").contains(""));
      assertTrue(read(stream, ": heartbeat").getLast().startsWith(": heartbeat"));
    }
    Awaitility.await().until(() -> api.migrations.followers() == LOG);
  }

  @Test
  void whoAsksForWhatIsNotThereIsToldToReadAnew() throws Exception {
    api.migrations.happened("miga", "migration.phase", "{}");
    var request =
        api.request("/events?follow")
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", "77");
    try (BufferedReader stream = open(request, "text/event-stream")) {
      assertEquals("event: resync", stream.readLine());
      assertTrue(stream.readLine().contains("\"asked\":77"));
      assertEquals("", stream.readLine());
      assertEquals("id: 1", stream.readLine());
    }
    try (BufferedReader stream = open(api.request("/events?follow&after=9&o=text"), "text/plain")) {
      assertTrue(stream.readLine().startsWith("# resync: event 9 "));
    }
  }

  @Test
  void withoutAWishAStreamIsLinesOfJsonAndForPeopleLinesOfText() throws Exception {
    api.migrations.happened("miga", "migration.phase", "{}");
    try (BufferedReader stream = open(api.request("/events?follow"), "application/x-ndjson")) {
      assertEquals(1, Json.read(stream.readLine()).get("seq").intValue());
      assertEquals("heartbeat", Json.read(stream.readLine()).get("type").stringValue());
    }
    try (BufferedReader stream = open(api.request("/events?follow&o=text"), "text/plain")) {
      assertTrue(stream.readLine().startsWith("1 20"));
      assertTrue(stream.readLine().startsWith("# "));
    }
  }

  @Test
  void moreFollowersThanPlacesAreRefused() throws Exception {
    List<BufferedReader> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        streams.add(open(api.request("/events?follow"), "application/x-ndjson"));
      }
      BadInputTest.problem(429, "TOO_MANY_CLIENTS", api.get("/events?follow"));
    } finally {
      for (BufferedReader stream : streams) {
        stream.close();
      }
    }
    Awaitility.await().until(() -> api.migrations.followers() == LOG);
  }

  @Test
  void aBadLastEventIdIsNamed() {
    BadInputTest.problem(
        422, "INVALID_REQUEST", api.get("/events?follow", "Last-Event-ID", "yesterday"));
  }

  private BufferedReader open(HttpRequest.Builder request, String type)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        api.client().send(request.build(), BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith(type));
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private static List<String> read(BufferedReader stream, String until) throws IOException {
    List<String> lines = new ArrayList<>();
    String line = stream.readLine();
    while (line != null && !line.startsWith(until)) {
      lines.add(line);
      line = stream.readLine();
    }
    lines.add(String.valueOf(line));
    return lines;
  }
}
