package io.fermata.migration;

import java.util.Locale;

/** Whose wish comes first when not all can start; the first one comes first. */
public enum Priority {
  EMERGENCY(0),
  USER(1),
  SYSTEM(2),
  BACKGROUND(3);

  private final int rank;

  Priority(int rank) {
    this.rank = rank;
  }

  /** 0 for the first, one more for each that comes after it. */
  int rank() {
    return rank;
  }

  /** The word that orders and the API have for it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The priority of an order; a word that an older version wrote counts as {@link #USER}. */
  public static Priority of(Order order) {
    for (Priority priority : values()) {
      if (priority.word().equals(order.priority())) {
        return priority;
      }
    }
    return USER;
  }
}
