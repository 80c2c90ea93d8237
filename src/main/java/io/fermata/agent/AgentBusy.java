package io.fermata.agent;

/** The loop did not answer. */
final class AgentBusy extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AgentBusy(String detail) {
    super(detail);
  }
}
