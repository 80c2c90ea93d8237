package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many seeds of the simulated world. {@code -Dfermata.simulation.seed=N} runs that one alone, with
 * {@code -Dfermata.simulation.without=RULE} (see {@link Rule}) the one that a mutant failed at;
 * {@code -Dfermata.simulation.seeds=N} and {@code -Dfermata.simulation.seconds=N} say how many are
 * tried and for how long.
 */
class SimulationTest {
  private static final long FIRST = Long.getLong("fermata.simulation.first", 1);
  private static final long MOST = Long.getLong("fermata.simulation.seeds", 20_000);
  private static final long SECONDS = Long.getLong("fermata.simulation.seconds", 300);

  @Test
  void whateverFailsEveryInvariantHolds() throws InterruptedException {
    Long only = Long.getLong("fermata.simulation.seed");
    if (only != null) {
      replay(only);
      return;
    }
    Totals totals = new Seeds(FIRST, MOST, SECONDS).run();
    System.out.println(totals);
    assertTrue(totals.ended("SUCCEEDED") > totals.seeds(), "too few succeed");
    List<Fault> unseen =
        Arrays.stream(Fault.values()).filter(fault -> totals.struck(fault) == 0).toList();
    // clocks that go wrong all the time are not counted as strikes
    assertEquals(List.of(Fault.CLOCK_RATE, Fault.CLOCK_OFFSET), unseen);
  }

  private static void replay(long seed) {
    String without = System.getProperty("fermata.simulation.without");
    if (without == null) {
      System.out.println(Simulation.run(seed));
    } else {
      String story = new Mutants().broken(without, seed);
      assertNull(story, story);
    }
  }

  @Test
  void noEventChangesWhatAnInvariantSeesWithoutSayingSo() {
    for (long seed = 1; seed <= 30; seed++) {
      Simulation.runSuspicious(seed);
    }
  }

  @Test
  void theSameSeedGivesTheSameTrace() {
    for (long seed = 1; seed <= 10; seed++) {
      assertEquals(Simulation.run(seed), Simulation.run(seed));
    }
  }

  @Test
  void anotherMachineGivesTheSameTrace() throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var builder =
        new ProcessBuilder(
            java.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TraceHash.class.getName(),
            "3",
            "4",
            "5");
    Process other = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> hashes;
    try (var lines = other.inputReader()) {
      hashes = lines.lines().filter(line -> line.startsWith("hash ")).toList();
    }
    List<String> here =
        LongStream.rangeClosed(3, 5)
            .mapToObj(seed -> "hash " + seed + " " + Simulation.run(seed).hash())
            .toList();
    assertEquals(here, hashes);
  }
}
