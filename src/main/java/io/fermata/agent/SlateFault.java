package io.fermata.agent;

/** The slate could not be read or written; the message names file and reason. */
public final class SlateFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SlateFault(String attempted, Throwable cause) {
    super(attempted + ": " + cause.getMessage(), cause);
  }

  public SlateFault(String found) {
    super(found);
  }
}
