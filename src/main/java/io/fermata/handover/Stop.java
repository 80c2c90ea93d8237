package io.fermata.handover;

/**
 * A stop generation: one freezing of the set at the source, numbered by the source agent and never
 * used again. The incarnation of the slate is part of it, so that a wiped disk cannot repeat a
 * number.
 */
public record Stop(String incarnation, long number) {
  @Override
  public String toString() {
    return incarnation + "/" + number;
  }
}
