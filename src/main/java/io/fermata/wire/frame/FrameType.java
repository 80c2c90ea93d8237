package io.fermata.wire.frame;

import java.util.Arrays;
import java.util.Optional;

/** What a frame is, with its number on the wire. */
enum FrameType {
  HELLO(0),
  WELCOME(1),
  DATA(2),
  BEAT(3),
  END(4),
  DONE(5),
  REFUSED(6),
  ABORT(7),
  RESUME(8),
  TAKEN(9),
  PACKED(10);

  private final int number;

  FrameType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Whether it holds a piece of an image, which may be longer than anything else. */
  boolean isPiece() {
    return this == DATA || this == PACKED;
  }

  static Optional<FrameType> of(int number) {
    return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
  }
}
