package io.fermata.simulation;

import org.jspecify.annotations.Nullable;

/** The simulator as {@link Weaver} loads it: rules by name, since types differ between loaders. */
public final class Trial {
  private Trial() {}

  /**
   * Runs one seed in such a world.
   *
   * @param without as {@link Without} writes it
   * @return the whole story of what broke, or null
   */
  public static @Nullable String broken(String without, long seed) {
    try {
      Simulation.run(seed, Without.parse(without));
      return null;
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    }
  }
}
