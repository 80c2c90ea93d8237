package io.fermata.simulation;

/** Something that must never happen has happened in a simulated world. */
public final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  public Violation(String rule, String detail) {
    super(rule + ": " + detail);
  }

  Violation(String rule, String detail, Throwable cause) {
    super(rule + ": " + detail, cause);
  }
}
