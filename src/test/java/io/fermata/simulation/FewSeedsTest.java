package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** A few seeds, quickly: for the mutation of the code, which runs each test many times. */
class FewSeedsTest {
  private static final int SEEDS = 12;

  @Test
  void aFewSeedsHold() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertEquals(seed, Simulation.run(seed).seed());
    }
  }
}
