package io.fermata.journal;

/** Whether other processes write the same journal. */
enum Sharing {
  /** Nobody else writes: the last seq is known without asking. */
  ALONE,
  /** Each transaction waits for its turn, and listeners are told of what others wrote. */
  SHARED
}
