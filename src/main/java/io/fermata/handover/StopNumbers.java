package io.fermata.handover;

/**
 * Hands out stop generations for one agent: never the same twice, whatever was lost. The
 * incarnation belongs to the slate and is drawn at random when a slate is made; the counter goes on
 * from the highest number on the slate. Model: {@code GenDurable}.
 */
public final class StopNumbers {
  private final String incarnation;
  private long last;

  public StopNumbers(String incarnation, long last) {
    this.incarnation = incarnation;
    this.last = last;
  }

  /** A stop that no set of this agent was ever under. */
  Stop next() {
    last++;
    return new Stop(incarnation, last);
  }

  /** Takes a number of the slate into account. */
  void seen(Stop stop) {
    if (stop.incarnation().equals(incarnation)) {
      last = Math.max(last, stop.number());
    }
  }
}
