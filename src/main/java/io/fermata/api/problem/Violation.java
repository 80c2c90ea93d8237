package io.fermata.api.problem;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a request.
 *
 * @param field where, as a path: {@code devices[1].source}; the name of a header or of a query
 *     parameter where it is one
 * @param code what, for programs
 * @param detail what, for people
 * @param fix what would help, or null
 * @param host on which host, or null
 * @param device on which device, or null
 */
public record Violation(
    String field,
    String code,
    String detail,
    @Nullable String fix,
    @Nullable String host,
    @Nullable String device) {
  /** A field of the request is missing. */
  public static final String MISSING = "MISSING";

  /** There is no such field. */
  public static final String UNKNOWN_FIELD = "UNKNOWN_FIELD";

  /** The value is of another type. */
  public static final String WRONG_TYPE = "WRONG_TYPE";

  /** The value has the right type and is not one of those that are allowed. */
  public static final String BAD_VALUE = "BAD_VALUE";

  /** The number is too small or too large. */
  public static final String OUT_OF_RANGE = "OUT_OF_RANGE";

  /** The same thing is named twice. */
  public static final String DUPLICATE = "DUPLICATE";

  /** The request concerns the field alone. */
  public static Violation of(String field, String code, String detail) {
    return new Violation(field, code, detail, null, null, null);
  }
}
