package io.fermata.simulation;

import java.util.List;

/**
 * One migration of a simulated world as actions of {@code handover.tla}.
 *
 * @param name of the run: seed and migration
 * @param devices how many the set has; they are called d1, d2 ... and the destination is t
 * @param lines one per action, as {@code src/model/README.md} has them
 */
public record RecordedRun(String name, int devices, List<String> lines) {
  public RecordedRun {
    lines = List.copyOf(lines);
  }
}
