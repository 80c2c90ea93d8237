package io.fermata.agent.guest;

import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.function.Consumer;

/**
 * For hosts whose guests somebody else pauses before the migration and lets run after it, or that
 * have none. Whatever is asked is so.
 */
public final class NoGuest implements GuestControl {
  @Override
  public void set(String vm, boolean run, Consumer<GuestState> answer) {
    answer.accept(run ? GuestState.RUNNING : GuestState.PAUSED);
  }
}
