package io.fermata.migration;

import java.util.Locale;

/**
 * How many migrations may be under way, and how many may wait. A migration holds its places from
 * its start until its end is durable; one that is parked for an operator holds none.
 *
 * @param cluster under way at once
 * @param perSource under way from one host
 * @param perDestination under way to one host
 * @param perPair under way from one host to one other
 * @param blackouts guests that may be dark at once
 * @param queued migrations that may wait
 */
public record Limits(
    int cluster, int perSource, int perDestination, int perPair, int blackouts, int queued) {
  /** No limit is higher. */
  public static final int MOST = 1_000_000;

  public Limits {
    check("cluster", cluster);
    check("perSource", perSource);
    check("perDestination", perDestination);
    check("perPair", perPair);
    check("blackouts", blackouts);
    check("queued", queued);
  }

  /** What a limit counts. */
  public enum Scope {
    CLUSTER,
    SOURCE,
    DESTINATION,
    PAIR,
    BLACKOUT,
    QUEUE;

    /** The word for it in the API and in metrics. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** That many under way, and nothing else is limited. */
  public static Limits ofCluster(int most) {
    return new Limits(most, MOST, MOST, MOST, MOST, MOST);
  }

  /** The limit of a scope. */
  public int of(Scope scope) {
    return switch (scope) {
      case CLUSTER -> cluster;
      case SOURCE -> perSource;
      case DESTINATION -> perDestination;
      case PAIR -> perPair;
      case BLACKOUT -> blackouts;
      case QUEUE -> queued;
    };
  }

  private static void check(String name, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(
          "fermata.limits: " + name + " must be from 1 to " + MOST + ", is " + value);
    }
  }
}
