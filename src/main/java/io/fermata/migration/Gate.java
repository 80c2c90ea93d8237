package io.fermata.migration;

/**
 * One gate that opened.
 *
 * @param openedMillis epoch milliseconds
 * @param elapsedNanos from the request until the last device was reported, at the orchestrator
 * @param slowestNanos the slowest device's hop, at its agent
 * @param skewNanos from the first arrival to the last
 * @param last the device that everybody waited for
 */
public record Gate(
    Name name,
    long openedMillis,
    long elapsedNanos,
    long slowestNanos,
    long skewNanos,
    String last) {
  /** The gates, in order. */
  public enum Name {
    QUIESCED,
    FROZEN,
    LOADED,
    THAWED,
    RUNNING
  }
}
