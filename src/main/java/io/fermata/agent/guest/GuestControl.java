package io.fermata.agent.guest;

import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.function.Consumer;

/** One way to reach the virtual CPUs of this host's guests. */
public interface GuestControl {
  /**
   * Lets them run or pauses them. Returns at once and never throws.
   *
   * @param answer told once, from any thread, what they are now; UNKNOWN when it did not work
   */
  void set(String vm, boolean run, Consumer<GuestState> answer);
}
