package io.fermata.steps;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Every row of every machine, failed, crashed, repeated and unanswered. */
class EveryStepTest {
  @Test
  void everyRowSurvivesEveryDisturbance() {
    Exploration all = new Exploration(Integer.getInteger("fermata.steps.depth", 2)).explore();
    System.getLogger("steps").log(System.Logger.Level.INFO, all.toString());
    assertTrue(all.failures().isEmpty(), () -> all + "\n" + all.failures().getFirst());
  }
}
