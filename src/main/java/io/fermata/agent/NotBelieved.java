package io.fermata.agent;

import io.fermata.wire.attest.Unproven;

/** A message of another agent that did not prove what it says. */
final class NotBelieved extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotBelieved(Unproven cause) {
    super(cause.getMessage(), cause);
  }
}
