package io.fermata.handover;

/** Which end of the hand-over a claim is. */
public enum Side {
  SOURCE,
  DESTINATION
}
