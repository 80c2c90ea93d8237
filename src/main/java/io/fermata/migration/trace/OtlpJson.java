package io.fermata.migration.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spans as OTLP writes them in JSON: ids in hex, whole numbers of 64 bits as text, enums as
 * numbers.
 */
final class OtlpJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int KIND_INTERNAL = 1;
  private static final int STATUS_OK = 1;
  private static final int STATUS_ERROR = 2;

  private OtlpJson() {}

  /** The body of one export. */
  static byte[] of(String version, List<Span> spans) {
    var resource =
        Map.of(
            "attributes",
            attributes(Map.of("service.name", "fermata", "service.version", version)));
    var scope = Map.of("name", "io.fermata", "version", version);
    var scoped = Map.of("scope", scope, "spans", spans.stream().map(OtlpJson::span).toList());
    var all = Map.of("resource", resource, "scopeSpans", List.of(scoped));
    return JSON.writeValueAsBytes(Map.of("resourceSpans", List.of(all)));
  }

  private static Map<String, Object> span(Span span) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("traceId", span.id().trace());
    json.put("spanId", span.id().span());
    if (span.parent() != null) {
      json.put("parentSpanId", span.parent());
    }
    json.put("name", span.name());
    json.put("kind", KIND_INTERNAL);
    json.put("startTimeUnixNano", Long.toString(span.startNanos()));
    json.put("endTimeUnixNano", Long.toString(span.endNanos()));
    json.put("attributes", attributes(span.attributes()));
    json.put(
        "links",
        span.links().stream()
            .map(link -> Map.of("traceId", link.trace(), "spanId", link.span()))
            .toList());
    json.put(
        "status",
        span.error() == null
            ? Map.of("code", STATUS_OK)
            : Map.of("code", STATUS_ERROR, "message", span.error()));
    return json;
  }

  private static List<Map<String, Object>> attributes(Map<String, ?> attributes) {
    List<Map<String, Object>> all = new ArrayList<>();
    attributes.forEach((key, value) -> {
      Map<String, Object> typed =
          value instanceof Long number
              ? Map.of("intValue", number.toString())
              : Map.of("stringValue", value.toString());
      all.add(Map.of("key", key, "value", typed));
    });
    return all;
  }
}
