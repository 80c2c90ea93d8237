package io.fermata.api;

import io.fermata.api.ApiDescription.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What a caller of one description would miss, or be asked for anew, in a later one. */
final class Additive {
  private final ApiDescription before;
  private final ApiDescription after;
  private final List<String> breaks = new ArrayList<>();

  private Additive(ApiDescription before, ApiDescription after) {
    this.before = before;
    this.after = after;
  }

  static List<String> breaks(ApiDescription before, ApiDescription after) {
    var additive = new Additive(before, after);
    additive.operations();
    additive.schemas();
    return additive.breaks;
  }

  private void operations() {
    Map<String, Operation> now = new TreeMap<>();
    after.operations().forEach(operation -> now.put(operation.toString(), operation));
    before
        .operations()
        .forEach(old -> {
          Operation present = now.get(old.toString());
          if (present == null) {
            breaks.add(old + " is gone");
          } else {
            compare(old, present);
          }
        });
  }

  private void compare(Operation old, Operation present) {
    for (String in : List.of("query", "header")) {
      Set<String> gone = new TreeSet<>(before.names(old, in));
      gone.removeAll(after.names(present, in));
      gone.forEach(name -> breaks.add(old + " has no " + in + " parameter " + name));
      after.parameters(present, in).stream()
          .filter(p -> p.has("required") && !before.names(old, in).contains(name(p)))
          .forEach(p -> breaks.add(old + " wants " + name(p)));
    }
    for (var answer : old.body().get("responses").properties()) {
      JsonNode there = before.at(answer.getValue()).get("content");
      JsonNode now = after.at(present.body().get("responses").get(answer.getKey()));
      if (now == null) {
        breaks.add(old + " does not answer " + answer.getKey());
      } else if (there != null) {
        contents(old + " " + answer.getKey(), there, now.get("content"));
      }
    }
  }

  private void contents(String where, JsonNode there, JsonNode now) {
    for (var type : there.properties()) {
      JsonNode same = now == null ? null : now.get(type.getKey());
      if (same == null || !type.getValue().get("schema").equals(same.get("schema"))) {
        breaks.add(where + " is another " + type.getKey());
      }
    }
  }

  private static String name(JsonNode parameter) {
    return parameter.get("name").asString();
  }

  private void schemas() {
    JsonNode now = after.root.get("components").get("schemas");
    for (var schema : before.root.get("components").get("schemas").properties()) {
      JsonNode present = now.get(schema.getKey());
      if (present == null) {
        breaks.add("schema " + schema.getKey() + " is gone");
      } else {
        schema(schema.getKey(), schema.getValue(), present);
      }
    }
  }

  private void schema(String name, JsonNode old, JsonNode present) {
    contained(name + " lacks the word ", old.get("enum"), present.get("enum"));
    boolean asked = name.endsWith("Request");
    // An answer may not lose what it always had; a request may not want more than it did.
    if (asked) {
      contained(name + " wants ", present.get("required"), old.get("required"));
    } else {
      contained(name + " may lack ", old.get("required"), present.get("required"));
    }
    JsonNode fields = old.get("properties");
    for (var field : fields == null ? Set.<Map.Entry<String, JsonNode>>of() : fields.properties()) {
      JsonNode same = present.get("properties").get(field.getKey());
      if (same == null) {
        breaks.add(name + " has no " + field.getKey());
      } else if (!shape(field.getValue()).equals(shape(same))) {
        breaks.add(name + "." + field.getKey() + " is something else");
      }
    }
  }

  /** The type without words for people. */
  private static String shape(JsonNode schema) {
    return List.of("type", "$ref", "oneOf", "items", "format").stream()
        .map(key -> key + "=" + schema.get(key))
        .toList()
        .toString();
  }

  private void contained(String what, JsonNode part, JsonNode whole) {
    if (part != null) {
      part.valueStream()
          .filter(word -> whole == null || whole.valueStream().noneMatch(word::equals))
          .forEach(word -> breaks.add(what + word));
    }
  }
}
