package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The description of the API as tests walk it. */
final class ApiDescription {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  final JsonNode root;

  ApiDescription(JsonNode root) {
    this.root = root;
  }

  /** The one of this version. */
  static ApiDescription own() {
    try {
      return new ApiDescription(Json.read(new String(Json.bytes(OpenApi.merged()), UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One method of one path. */
  record Operation(String method, String path, JsonNode body) {
    @Override
    public String toString() {
      return method.toUpperCase(java.util.Locale.ROOT) + " " + path;
    }
  }

  Stream<Operation> operations() {
    return root.get("paths").properties().stream()
        .flatMap(path ->
            path.getValue().properties().stream()
                .filter(method -> METHODS.contains(method.getKey()))
                .map(method -> new Operation(method.getKey(), path.getKey(), method.getValue())));
  }

  /** What a reference stands for, or the node itself. */
  JsonNode at(JsonNode node) {
    if (node == null || node.get("$ref") == null) {
      return node;
    }
    JsonNode found = root;
    for (String part : node.get("$ref").asString().substring(2).split("/")) {
      found = found.get(part);
      if (found == null) {
        throw new AssertionError(node.get("$ref") + " leads nowhere");
      }
    }
    return at(found);
  }

  /** Parameters that stand there: {@code query}, {@code path}, {@code header}. */
  List<JsonNode> parameters(Operation operation, String in) {
    JsonNode all = operation.body().get("parameters");
    return all == null
        ? List.of()
        : all.valueStream().map(this::at).filter(p -> p.get("in").asString().equals(in)).toList();
  }

  Set<String> names(Operation operation, String in) {
    Set<String> names = new TreeSet<>();
    parameters(operation, in).forEach(p -> names.add(p.get("name").asString()));
    return names;
  }

  /** What is wrong with a value; fields that are not described are. */
  List<String> errors(JsonNode value, JsonNode schema, String path) {
    List<String> errors = new ArrayList<>();
    check(value, at(schema), path, errors);
    return errors;
  }

  private void check(JsonNode value, JsonNode schema, String path, List<String> errors) {
    JsonNode oneOf = schema.get("oneOf");
    if (oneOf != null) {
      if (oneOf.valueStream().noneMatch(one -> errors(value, one, path).isEmpty())) {
        errors.add(path + " is none of " + oneOf + ": " + value);
      }
      return;
    }
    JsonNode type = schema.get("type");
    if (type == null) {
      return;
    }
    Stream<JsonNode> types = type.isArray() ? type.valueStream() : Stream.of(type);
    if (types.noneMatch(one -> is(value, one.asString()))) {
      errors.add(path + " is no " + type + ": " + value);
      return;
    }
    JsonNode words = schema.get("enum");
    if (words != null && words.valueStream().noneMatch(value::equals)) {
      errors.add(path + " is none of " + words + ": " + value);
    }
    if (value.isString() && schema.get("format") != null) {
      Instant.parse(value.asString());
    }
    if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(value.get(i), at(schema.get("items")), path + "[" + i + "]", errors);
      }
    }
    if (value.isObject()) {
      object(value, schema, path, errors);
    }
  }

  private void object(JsonNode value, JsonNode schema, String path, List<String> errors) {
    JsonNode others = schema.get("additionalProperties");
    JsonNode known = schema.get("properties");
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode described = known == null ? null : known.get(field.getKey());
      String at = path + "." + field.getKey();
      if (described != null) {
        check(field.getValue(), at(described), at, errors);
      } else if (others == null || (others.isBoolean() && !others.asBoolean())) {
        errors.add(at + " is not described");
      } else if (others.isObject()) {
        check(field.getValue(), at(others), at, errors);
      }
    }
    JsonNode required = schema.get("required");
    if (required != null) {
      required
          .valueStream()
          .filter(name -> !value.has(name.asString()))
          .forEach(name -> errors.add(path + "." + name.asString() + " is missing"));
    }
  }

  private static boolean is(JsonNode value, String type) {
    return switch (type) {
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "array" -> value.isArray();
      case "object" -> value.isObject();
      case "null" -> value.isNull();
      default -> throw new AssertionError("no such type: " + type);
    };
  }
}
