package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * New seeds for as long as {@code -Dfermata.soak.minutes=N} says, by {@code ./mvnw -Psoak verify}.
 * Each soak begins at seeds of its own, unless {@code -Dfermata.soak.first=N} names one.
 */
class SimulationSoak {
  private static final long MINUTES = Long.getLong("fermata.soak.minutes", 60);

  @Test
  void whateverFailsEveryInvariantHoldsForHours() throws InterruptedException {
    long today = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis()) * 1_000_000;
    long first = Long.getLong("fermata.soak.first", today);
    System.out.println("the first seed is " + first);
    Totals totals = new Seeds(first, Long.MAX_VALUE / 2, TimeUnit.MINUTES.toSeconds(MINUTES)).run();
    System.out.println(totals);
    assertTrue(totals.ended("SUCCEEDED") > totals.seeds(), "too few succeed");
  }
}
