package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a seed that fails says is enough to see it fail again. */
class FailingSeedTest {
  private static final String WITHOUT = "UNSEAL_WITHOUT_VOID";
  private static final int MOST = 200;
  private static final int EVENTS = 200;

  @Test
  void aFailingSeedTellsWhatBrokeInWhichWorldAndHowToSeeItAgain() {
    long seed = 1;
    String story = Trial.broken(WITHOUT, seed);
    while (story == null && seed < MOST) {
      seed++;
      story = Trial.broken(WITHOUT, seed);
    }
    assertNotNull(story, "no seed up to " + MOST + " misses " + WITHOUT);
    List<String> lines = story.lines().toList();
    Options options = new World(seed, Without.parse(WITHOUT)).options();
    assertTrue(lines.get(0).matches("[A-Z]\\w+: .+"), lines.get(0));
    assertEquals("seed " + seed + ", commit " + Commit.name() + ": " + options, lines.get(1));
    String again =
        "replay: ./mvnw test -Dtest=SimulationTest -Dfermata.simulation.seed="
            + seed
            + " -Dfermata.simulation.without="
            + WITHOUT;
    assertEquals(again, lines.get(2));
    List<String> events = lines.subList(3, lines.size());
    assertEquals(EVENTS, events.size());
    assertTrue(events.stream().allMatch(e -> e.matches(" *\\d+\\.\\d{6} s  .+")), story);
    assertEquals(story, Trial.broken(WITHOUT, seed), "the same seed breaks in the same way");
  }

  @Test
  void aWorldOfFaultsAloneIsReadAsItWasWritten() {
    Without harsh = new Without(Set.of(), Set.of(Fault.COPY_RESET, Fault.LOSS));
    assertEquals(harsh, Without.parse(harsh.toString()));
    assertEquals(Without.NOTHING, Without.parse(Without.NOTHING.toString()));
  }
}
