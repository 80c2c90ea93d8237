package io.fermata.steps;

import io.fermata.device.Capabilities;
import java.util.List;

/** What a run is about, before anything disturbs it. */
enum Story {
  /** No pre-copy is wanted, and the guest may be dark for 200 ms. */
  IN_A_HURRY(List.of(3, 3)),
  /** Two devices that can be copied while they run. */
  LIVE(List.of(7, 7)),
  /** One of two devices cannot. */
  MIXED(List.of(7, 3)),
  /** A single device that cannot wait quietly for peers has none. */
  ALONE(List.of(1)),
  /** A check fails: the destination takes no guests. */
  CORDONED(List.of(3, 3)),
  /** The destination cannot read its slate, and nobody has noticed. */
  QUIET(List.of(3, 3));

  static final long BUDGET_MILLIS = 200;

  private final List<Integer> flags;

  Story(List<Integer> flags) {
    this.flags = flags;
  }

  List<Capabilities> set() {
    return flags.stream().map(Capabilities::ofFlags).toList();
  }

  boolean preCopies() {
    return this == LIVE || this == MIXED;
  }

  long budgetMillis() {
    return this == IN_A_HURRY ? BUDGET_MILLIS : 0;
  }
}
