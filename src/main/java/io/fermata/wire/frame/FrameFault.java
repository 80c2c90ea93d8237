package io.fermata.wire.frame;

/** Input that is no frame of this protocol. After it the connection is of no more use. */
public final class FrameFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What was wrong. */
  public enum Code {
    /** The bytes are not the start of a frame: another protocol speaks. */
    MAGIC,
    /** The header's checksum does not hold. */
    HEADER,
    /** A type or a flag that this version does not know, or that was not agreed. */
    TYPE,
    /** A payload longer than its type may be, or than the receiver takes. */
    LENGTH,
    /** The payload's checksum does not hold. */
    CRC,
    /** A field of the payload is out of its range, not UTF-8, missing, or too much. */
    FIELD,
    /** A packed piece does not unpack to what it says that it is. */
    PACKED,
    /** The input ended inside a frame. */
    TRUNCATED
  }

  private final Code code;

  public FrameFault(Code code, String detail) {
    super(code + ": " + detail);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
