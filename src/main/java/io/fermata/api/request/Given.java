package io.fermata.api.request;

import io.fermata.api.Json;
import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a body or a query string. Each is asked for by name and type; what is wrong is
 * collected, so that a caller learns of every mistake at once. After the last field {@link #check}
 * refuses what was found and every field that nobody asked for.
 */
public final class Given {
  private final ObjectNode values;
  private final String path;
  private final boolean words;
  private final List<Violation> wrong;
  private final List<Given> inner = new ArrayList<>();
  private final Set<String> asked = new LinkedHashSet<>();

  private Given(ObjectNode values, String path, boolean words, List<Violation> wrong) {
    this.values = values;
    this.path = path;
    this.words = words;
    this.wrong = wrong;
  }

  /** The fields of a JSON object. */
  public static Given json(ObjectNode values) {
    return new Given(values, "", false, new ArrayList<>());
  }

  /** Fields whose values are words: those of a form or of a query string. */
  public static Given words(Map<String, List<String>> values) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    values.forEach((name, list) -> {
      if (list.size() == 1) {
        node.put(name, list.getFirst());
      } else {
        list.forEach(node.withArray(name)::add);
      }
    });
    return new Given(node, "", true, new ArrayList<>());
  }

  /** The query parameters, without those that every resource takes. */
  public static Given query(HttpServletRequest request) {
    Given query = words(UrlEncoded.parse(request.getQueryString()));
    query.asked.add("o");
    return query;
  }

  /** All fields in one order, so that two requests that say the same are the same text. */
  public String canonical() {
    return Json.text(sorted(values));
  }

  /** Whether the field is there. */
  public boolean has(String name) {
    asked.add(name);
    JsonNode node = values.get(name);
    return node != null && !node.isNull();
  }

  /** A field that says what is there without more, such as {@code ?follow}. */
  public boolean flag(String name) {
    return has(name) && (isEmptyWord(name) || yes(name, false));
  }

  /** The text, or null. */
  public @Nullable String text(String name) {
    JsonNode node = present(name);
    if (node == null) {
      return null;
    }
    if (!node.isString()) {
      wrongType(name, "a string", node);
      return null;
    }
    return node.stringValue();
  }

  /** Notes the field's absence. */
  public void required(String name) {
    if (!has(name)) {
      note(name, Violation.MISSING, "is missing");
    }
  }

  /**
   * The value that the text stands for, or null; what {@code read} throws as
   * IllegalArgumentException is noted with its message.
   */
  public <T> @Nullable T value(String name, Function<String, T> read) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      return read.apply(text);
    } catch (IllegalArgumentException e) {
      String why = e.getMessage() == null ? "is not valid" : e.getMessage();
      note(name, Violation.BAD_VALUE, why + "; got '" + shown(text) + "'");
      return null;
    }
  }

  /** One of the words, in any case, or null. */
  public <T extends Enum<T>> @Nullable T word(String name, Class<T> kind) {
    return value(name, text -> parse(kind, text));
  }

  /** A whole number within the bounds, or the one for its absence. */
  public long whole(String name, long least, long most, long absent) {
    JsonNode node = present(name);
    if (node == null) {
      return absent;
    }
    if (words && node.isString() && node.stringValue().matches("-?[0-9]{1,18}")) {
      return bounded(name, Long.parseLong(node.stringValue()), least, most);
    }
    if (words || !node.isIntegralNumber()) {
      wrongType(name, "a whole number", node);
      return absent;
    }
    if (!node.canConvertToLong()) {
      note(name, Violation.OUT_OF_RANGE, "must be from " + least + " to " + most);
      return absent;
    }
    return bounded(name, node.longValue(), least, most);
  }

  /** True or false, or what stands for its absence. */
  public boolean yes(String name, boolean absent) {
    JsonNode node = present(name);
    if (node == null) {
      return absent;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (words && node.isString() && node.stringValue().matches("true|false")) {
      return node.stringValue().equals("true");
    }
    wrongType(name, "true or false", node);
    return absent;
  }

  /** The object in it, or null. */
  public @Nullable Given object(String name) {
    JsonNode node = present(name);
    if (node instanceof ObjectNode object && !words) {
      return child(object, at(name));
    }
    if (node != null) {
      wrongType(name, "an object", node);
    }
    return null;
  }

  /** The objects of the array in it, or null. */
  public @Nullable List<Given> objects(String name, int most) {
    JsonNode node = present(name);
    if (node == null) {
      return null;
    }
    if (!node.isArray() || words) {
      wrongType(name, "an array", node);
      return List.of();
    }
    if (node.isEmpty() || node.size() > most) {
      note(name, Violation.OUT_OF_RANGE, "must have from 1 to " + most + " items");
      return List.of();
    }
    List<Given> found = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      if (node.get(i) instanceof ObjectNode object) {
        found.add(child(object, at(name) + "[" + i + "]"));
      } else {
        wrongType(name + "[" + i + "]", "an object", node.get(i));
      }
    }
    return found;
  }

  /**
   * The words in it: an array of strings, or in a form the field once or more, each with words that
   * commas part. Empty where the field is not there.
   */
  public List<String> texts(String name, int most) {
    JsonNode node = present(name);
    if (node == null) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> found.addAll(item.isString() ? parts(item.stringValue()) : List.of("")));
    } else if (words && node.isString()) {
      found.addAll(parts(node.stringValue()));
    } else {
      wrongType(name, "an array of strings", node);
    }
    if (found.size() > most || found.stream().anyMatch(String::isBlank)) {
      note(name, Violation.BAD_VALUE, "must have from 1 to " + most + " words, none of them empty");
    }
    return List.copyOf(found);
  }

  private List<String> parts(String text) {
    return words ? List.of(text.split(",", -1)) : List.of(text);
  }

  /** Whether the field holds an object, so that it may be asked for as one. */
  public boolean holdsObject(String name) {
    return values.get(name) instanceof ObjectNode;
  }

  /** Every field that is there. */
  public List<String> names() {
    return List.copyOf(values.propertyNames());
  }

  /** Notes something that is wrong with the field. */
  public void note(String name, String code, String detail) {
    wrong.add(Violation.of(at(name), code, detail));
  }

  /** The field's path from the root. */
  public String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /**
   * Ends the reading.
   *
   * @throws Refused if anything was noted, or a field is there that nobody asked for
   */
  public void check() {
    strangers();
    if (!wrong.isEmpty()) {
      throw new Refused(Problem.of(ProblemCode.INVALID_REQUEST, wrong));
    }
  }

  private void strangers() {
    for (String name : values.propertyNames()) {
      if (!asked.contains(name)) {
        note(
            shown(name),
            Violation.UNKNOWN_FIELD,
            "there is no such field here; known: " + String.join(", ", asked));
      }
    }
    inner.forEach(Given::strangers);
  }

  private Given child(ObjectNode object, String where) {
    Given child = new Given(object, where, words, wrong);
    inner.add(child);
    return child;
  }

  private @Nullable JsonNode present(String name) {
    return has(name) ? values.get(name) : null;
  }

  private boolean isEmptyWord(String name) {
    JsonNode node = values.get(name);
    return words && node != null && node.isString() && node.stringValue().isEmpty();
  }

  private long bounded(String name, long value, long least, long most) {
    if (value < least || value > most) {
      note(
          name, Violation.OUT_OF_RANGE, "must be from " + least + " to " + most + "; got " + value);
    }
    return value;
  }

  private void wrongType(String name, String expected, JsonNode got) {
    String what =
        switch (got.getNodeType()) {
          case STRING -> words ? "'" + shown(got.stringValue()) + "'" : "a string";
          case NUMBER -> "the number " + shown(got.toString());
          case BOOLEAN -> got.toString();
          case ARRAY -> words ? "the field twice" : "an array";
          case OBJECT -> "an object";
          default -> "something else";
        };
    note(name, Violation.WRONG_TYPE, "expected " + expected + ", got " + what);
  }

  private static <T extends Enum<T>> T parse(Class<T> kind, String text) {
    List<String> known = new ArrayList<>();
    for (T constant : kind.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
      known.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException("must be one of " + String.join(", ", known));
  }

  /** What a caller wrote, cut, and without what would spoil a terminal. */
  private static String shown(String text) {
    String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ObjectNode object) {
      Map<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      fields.forEach(result::set);
      return result;
    }
    if (node.isArray()) {
      var result = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> result.add(sorted(item)));
      return result;
    }
    return node;
  }
}
