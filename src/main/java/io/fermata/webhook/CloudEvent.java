package io.fermata.webhook;

import io.fermata.journal.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An entry of the journal as a CloudEvent 1.0.
 *
 * @param id unique among all that this source ever sends: by it a receiver tells a repetition
 * @param sequence the entry's seq: by it a receiver tells the order
 */
record CloudEvent(
    String specversion,
    String id,
    String source,
    String type,
    String subject,
    String time,
    String datacontenttype,
    String sequence,
    JsonNode data) {
  static final String MEDIA_TYPE = "application/cloudevents+json";

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PREFIX = "io.fermata.";
  private static final String SECRET = "token";

  /** The names that subscribers know, where they are not the journal's own. */
  private static final Map<String, String> NAMES =
      Map.of(
          "migration.moved", "migration.phase.changed",
          "migration.gate-opened", "barrier.gate.opened",
          "migration.went-dark", "blackout.started",
          "migration.came-back", "blackout.ended",
          "migration.taken-over", "owner.changed");

  /** The event of an entry. */
  static CloudEvent of(Entry entry, WebhookSettings settings) {
    JsonNode data = data(entry.data());
    return new CloudEvent(
        "1.0",
        settings.epoch() + "-" + entry.seq(),
        settings.source(),
        PREFIX + type(entry.type(), data),
        entry.subject(),
        Instant.ofEpochMilli(entry.timeMillis()).toString(),
        "application/json",
        Long.toString(entry.seq()),
        data);
  }

  byte[] bytes() {
    return JSON.writeValueAsBytes(this);
  }

  private static String type(String entry, JsonNode data) {
    if ("NEEDS_OPERATOR".equals(text(data.get("to")))) {
      return "needs-operator";
    }
    JsonNode failure = data.get("failure");
    String code = failure == null ? null : text(failure.get("code"));
    if ("BUDGET_EXCEEDED".equals(code)) {
      return "budget.exceeded";
    }
    if ("DEVICE_ERROR".equals(code)) {
      return "device.error";
    }
    return NAMES.getOrDefault(entry, entry);
  }

  private static @Nullable String text(@Nullable JsonNode node) {
    return node != null && node.isString() ? node.stringValue() : null;
  }

  private static JsonNode data(String text) {
    try {
      JsonNode data = JSON.readTree(text);
      redact(data);
      return data;
    } catch (JacksonException e) {
      // Text that cannot be searched for secrets is not sent.
      return JsonNodeFactory.instance.nullNode();
    }
  }

  private static void redact(JsonNode node) {
    if (node instanceof ObjectNode object) {
      List<String> names = new ArrayList<>(object.propertyNames());
      names.stream().filter(name -> name.equalsIgnoreCase(SECRET)).forEach(object::remove);
    }
    node.forEach(CloudEvent::redact);
  }
}
