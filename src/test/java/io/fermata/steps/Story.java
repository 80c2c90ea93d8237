package io.fermata.steps;

import io.fermata.device.Capabilities;
import java.util.List;
import java.util.stream.IntStream;

/** What a run is about, before anything disturbs it. */
enum Story {
  /** No pre-copy is wanted, and the guest may be dark for 200 ms. */
  IN_A_HURRY,
  /** Two devices that can be copied while they run. */
  LIVE,
  /** One of two devices cannot. */
  MIXED,
  /** A single device that cannot wait quietly for peers has none. */
  ALONE,
  /** A check fails: the destination takes no guests. */
  CORDONED,
  /** The destination cannot read its slate, and nobody has noticed. */
  QUIET;

  static final long BUDGET_MILLIS = 200;

  /** What the devices of the set offer, as the kernel's flags say it. */
  List<Capabilities> set() {
    return switch (this) {
      case LIVE -> flags(7, 7);
      case MIXED -> flags(7, 3);
      case ALONE -> flags(1);
      case IN_A_HURRY, CORDONED, QUIET -> flags(3, 3);
    };
  }

  private static List<Capabilities> flags(int... flags) {
    return IntStream.of(flags).mapToObj(Capabilities::ofFlags).toList();
  }

  boolean preCopies() {
    return this == LIVE || this == MIXED;
  }

  long budgetMillis() {
    return this == IN_A_HURRY ? BUDGET_MILLIS : 0;
  }
}
