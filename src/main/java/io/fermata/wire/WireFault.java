package io.fermata.wire;

import org.jspecify.annotations.Nullable;

/** Bytes that are not what they should be: what is wrong, and where in the document. */
public final class WireFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong; stable, for programs. */
  public enum Code {
    /** Longer than the limit; nothing of it was read. */
    TOO_LARGE,
    /** Not JSON, or JSON with a key twice. */
    NOT_JSON,
    /** A field that this version does not know. */
    UNKNOWN_FIELD,
    /** A field that must be there is missing or null. */
    MISSING_FIELD,
    /** A value of the wrong type or outside its range, or something after the document. */
    WRONG_VALUE,
    /** No message is called that. */
    UNKNOWN_TYPE,
    /** No protocol version in common. */
    UNKNOWN_VERSION
  }

  private final Code code;
  private final String detail;
  private final @Nullable String field;

  /**
   * @param detail for people, without the field
   * @param field path of the field at fault such as {@code spec.devices[0].source}, or null
   */
  public WireFault(Code code, String detail, @Nullable String field) {
    this(code, detail, field, null);
  }

  WireFault(Code code, String detail, @Nullable String field, @Nullable Throwable cause) {
    super(code + (field == null ? "" : " at " + field) + ": " + detail, cause);
    this.code = code;
    this.detail = detail;
    this.field = field;
  }

  public Code code() {
    return code;
  }

  public String detail() {
    return detail;
  }

  public @Nullable String field() {
    return field;
  }
}
