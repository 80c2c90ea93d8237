package io.fermata.agent.guest;

import io.fermata.handover.message.ClaimReport.GuestState;

/** A virtual machine monitor that did not do what it was asked. */
final class QmpFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final GuestState state;

  /**
   * @param state what the guest counts as: SILENT, GONE, or UNKNOWN where it refused
   */
  QmpFault(GuestState state, String detail) {
    super(detail);
    this.state = state;
  }

  GuestState state() {
    return state;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
