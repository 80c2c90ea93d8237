package io.fermata.agent.guest;

import io.fermata.handover.Effect;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.function.Consumer;

/**
 * For hosts whose guests somebody else pauses before the migration and lets run after it, or that
 * have none. Whatever is asked is so.
 */
public final class NoGuest implements GuestControl {
  @Override
  public void set(Effect.Guest wanted, Consumer<Found> answer) {
    answer.accept(new Found(wanted.run() ? GuestState.RUNNING : GuestState.PAUSED, null));
  }

  @Override
  public Look look(String vm) {
    return new Look(GuestState.UNKNOWN, null);
  }

  @Override
  public String kind(String vm) {
    return "none";
  }

  @Override
  public void close() {}
}
