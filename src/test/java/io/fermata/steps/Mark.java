package io.fermata.steps;

/** Something done to one step of a run: a disturbance, or a request that nobody expected. */
sealed interface Mark {
  /** The number of the step, from 0. */
  int step();

  /** The step is disturbed. */
  record Disturbed(int step, Disturbance by) implements Mark {}

  /** Before the turn that would be the step, its agent is asked something besides. */
  record Strayed(int step, String host, String stray) implements Mark {}
}
