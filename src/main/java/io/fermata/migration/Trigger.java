package io.fermata.migration;

/**
 * What moves a migration from phase to phase. Each is a fact that was learned or a wish that was
 * accepted.
 */
public enum Trigger {
  /** There is room for it. */
  ADMITTED,
  /** The prechecks hold. */
  CHECKED,
  /** Both claims hold, the destination takes images; there is something to pre-copy. */
  PREPARED_LIVE,
  /** Both claims hold, the destination takes images; nothing is pre-copied. */
  PREPARED_DIRECT,
  /** What is left is small, time is up, or somebody asked for the switch-over. */
  CONVERGED,
  /** Gate 1. */
  QUIESCED,
  /** Gate 2. */
  FROZEN,
  /** Gate 3. */
  LOADED,
  /** The source gave the right to run away. */
  SEALED,
  /** Gate 5: the set and its guest run on the destination. */
  RUNNING,
  /** The source is released and both claims are closed. */
  CLEANED,
  /** It ends before anything was touched. */
  DROPPED,
  /** It goes back to the source. */
  GIVEN_UP,
  /** It runs on the source, on evidence. */
  RETURNED,
  /** While it went back it was found to run on the destination. */
  OVERTAKEN,
  /** Nobody can prove what is, or nothing more can be done by itself. */
  PARKED,
  /** The missing evidence came: it goes back. */
  FOUND_AT_SOURCE,
  /** The missing evidence came: it goes on. */
  FOUND_AT_DESTINATION,
  /** An operator decided. */
  RESOLVED
}
