package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each rule that can be dropped at a port is missed, and soon. */
class MutantsTest {
  private static final int MOST = Integer.getInteger("fermata.simulation.mutant-seeds", 150);

  /**
   * Rules that another rule also keeps, so that dropping one alone shows nothing. A destination
   * that restarts without a start gives its copy up anew, whatever its slate says of an earlier
   * void (see the decisions, 5).
   */
  private static final Set<Mutant> KEPT_TWICE = EnumSet.of(Mutant.VOID_FORGOTTEN);

  @Test
  void everyDroppedRuleIsMissedUnlessAnotherKeepsIt() {
    List<Mutant> survivors = new ArrayList<>();
    for (Mutant mutant : Mutant.values()) {
      String found = firstFind(mutant);
      System.out.println(mutant + ": " + found);
      if (found.isEmpty()) {
        survivors.add(mutant);
      }
    }
    assertEquals(List.copyOf(KEPT_TWICE), survivors);
  }

  private static String firstFind(Mutant mutant) {
    for (int seed = 1; seed <= MOST; seed++) {
      try {
        Simulation.run(seed, mutant);
      } catch (AssertionError e) {
        return "seed " + seed + ", " + e.getMessage().lines().findFirst().orElse("");
      }
    }
    return "";
  }
}
