package io.fermata.agent.stream;

import org.jspecify.annotations.Nullable;

/** A connection that is of no more use, and why. */
final class StreamFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  enum Code {
    /** The network said no. */
    CONNECTION,
    /** The peer took or gave nothing for too long. */
    IDLE,
    /** The peer closed before the end of the image. */
    ENDED,
    /** Nobody wants the stream any more. */
    DROPPED,
    /** What a broken connection swallowed is not kept any more. */
    LOST,
    /** The peer said a right word at a wrong time. */
    OUT_OF_TURN,
    /** The destination said no. */
    REFUSED,
    /** The source gave up. */
    GIVEN_UP,
    /** An earlier stream still sits in a call of this device. */
    BUSY
  }

  private final Code code;

  StreamFault(Code code, String detail) {
    this(code, detail, null);
  }

  StreamFault(Code code, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.code = code;
  }

  Code code() {
    return code;
  }

  /** Whether only the connection is gone, so that another one could go on. */
  boolean isOfTheConnection() {
    return code == Code.CONNECTION || code == Code.IDLE || code == Code.ENDED;
  }
}
