package io.fermata.wire.frame;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a piece of an image is made smaller for its way, with its number on the wire. */
public enum Packing {
  /** One LZ4 block. */
  LZ4(1),
  /** One Zstandard frame without its magic number. */
  ZSTD(2);

  private final int number;

  Packing(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static Optional<Packing> of(int number) {
    return Arrays.stream(values()).filter(packing -> packing.number == number).findFirst();
  }

  /** As people write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that people write like that. */
  public static Optional<Packing> of(String word) {
    return Arrays.stream(values()).filter(packing -> packing.word().equals(word)).findFirst();
  }
}
