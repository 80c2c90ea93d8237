package io.fermata.simulation;

/** Thrown where a process dies in the middle of a line. */
final class HostCrash extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HostCrash(String where) {
    super(where);
  }
}
