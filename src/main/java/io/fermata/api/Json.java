package io.fermata.api;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How this room reads and writes JSON: members in the order of the records, times as ISO-8601, a
 * member given twice refused, nothing after the end, no deep nesting.
 */
public final class Json {
  private static final int NESTING_MAX = 16;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build())
                  .build())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** One line. */
  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** One line. */
  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** For people. */
  public static byte[] indented(Object value) {
    return MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(value);
  }

  /**
   * Reads one document.
   *
   * @throws tools.jackson.core.JacksonException if it is not one, with the place
   */
  public static JsonNode read(byte[] document) {
    return MAPPER.readTree(document);
  }

  /**
   * Reads one document that this program wrote.
   *
   * @throws tools.jackson.core.JacksonException if it is not one
   */
  public static JsonNode read(String document) {
    return MAPPER.readTree(document);
  }

  /**
   * Reads one document that this program wrote, as what it was written from.
   *
   * @throws tools.jackson.core.JacksonException if it is not one
   */
  public static <T> T read(String document, Class<T> type) {
    return MAPPER.readValue(document, type);
  }
}
