package io.fermata.agent.guest;

import io.fermata.handover.Effect;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One way to reach the virtual CPUs of this host's guests. */
public interface GuestControl extends AutoCloseable {
  /**
   * What they were found to be.
   *
   * @param nanos when they were paused or let run, agent's clock; null where they were so already
   */
  record Found(GuestState state, @Nullable Long nanos) {}

  /** How one virtual machine stands, with the reason where that is bad news. */
  record Look(GuestState state, @Nullable String trouble) {}

  /**
   * Lets them run or pauses them. Returns at once and never throws.
   *
   * @param answer told once, from any thread, in the order of the questions, what they are now;
   *     never PAUSED or RUNNING on hope
   */
  void set(Effect.Guest wanted, Consumer<Found> answer);

  /** Asks how the guest stands and changes nothing. Blocks no longer than its deadlines. */
  Look look(String vm);

  /** In a word for people: {@code none} or {@code qmp}. */
  String kind(String vm);

  @Override
  void close();
}
