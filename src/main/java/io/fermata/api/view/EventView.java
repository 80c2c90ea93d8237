package io.fermata.api.view;

import io.fermata.api.Json;
import io.fermata.migration.Migrations.Happening;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One record of the journal as the API shows it: without secrets. */
public record EventView(
    long seq, Instant time, String type, String subject, String actor, JsonNode data) {
  private static final String SECRET = "token";

  /** The view of a record. */
  public static EventView of(Happening happening) {
    return new EventView(
        happening.seq(),
        Instant.ofEpochMilli(happening.timeMillis()),
        happening.type(),
        happening.subject(),
        happening.actor(),
        data(happening.data()));
  }

  private static JsonNode data(String text) {
    try {
      JsonNode data = Json.read(text);
      redact(data);
      return data;
    } catch (JacksonException e) {
      // Not an object of this version: text that cannot be searched for secrets is not shown.
      return JsonNodeFactory.instance.nullNode();
    }
  }

  private static void redact(JsonNode node) {
    if (node instanceof ObjectNode object) {
      List<String> names = new ArrayList<>(object.propertyNames());
      names.stream().filter(name -> name.equalsIgnoreCase(SECRET)).forEach(object::remove);
    }
    node.forEach(EventView::redact);
  }
}
