package io.fermata.steps;

/** Something that must hold did not. */
final class Broken extends AssertionError {
  private static final long serialVersionUID = 1L;

  Broken(String rule, String found) {
    super(rule + ": " + found);
  }
}
