package io.fermata.migration;

import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.HopReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A migration with what its agents last said: what people look at. After the end the sides' last
 * reports and all hops are kept for the timeline.
 *
 * @param source what the source agent last reported, or null
 * @param destination what the destination agent last reported, or null
 * @param waiting what is being waited for, newest knowledge first; empty when nothing is
 * @param deadlineMillis when the present phase is given up by itself, epoch milliseconds, or null
 * @param queuePosition 1 for the next to start, or null when it does not wait
 */
public record Live(
    Migration migration,
    @Nullable SideView source,
    @Nullable SideView destination,
    List<String> waiting,
    @Nullable Long deadlineMillis,
    @Nullable Integer queuePosition) {

  /** The same with other sides. */
  public Live with(@Nullable SideView here, @Nullable SideView there) {
    return new Live(migration, here, there, waiting, deadlineMillis, queuePosition);
  }

  /**
   * One side.
   *
   * @param seenMillis when the agent last answered, epoch milliseconds
   * @param askedFor the request that is out, or null
   * @param askedMillis since when, epoch milliseconds
   * @param trouble the last refusal or failed call, or null
   * @param clock how the agent's clock maps to the orchestrator's
   * @param flow how its copy goes, as far as its reports have told
   */
  public record SideView(
      @Nullable ClaimReport report,
      @Nullable Long seenMillis,
      @Nullable String askedFor,
      long askedMillis,
      @Nullable String trouble,
      List<HopReport> hops,
      ClockMapping clock,
      Flow flow) {
    /** A side of whose copy nothing is known. */
    public SideView(
        @Nullable ClaimReport report,
        @Nullable Long seenMillis,
        @Nullable String askedFor,
        long askedMillis,
        @Nullable String trouble,
        List<HopReport> hops,
        ClockMapping clock) {
      this(report, seenMillis, askedFor, askedMillis, trouble, hops, clock, Flow.NONE);
    }

    /** The same by another clock. */
    public SideView with(ClockMapping other) {
      return new SideView(report, seenMillis, askedFor, askedMillis, trouble, hops, other, flow);
    }
  }

  /**
   * Adds to an agent's nanoseconds to give epoch nanoseconds; wrong by at most the uncertainty.
   * Widens the timeline's error bars and enters no decision.
   */
  public record ClockMapping(long offsetNanos, long uncertaintyNanos) {
    /** The same clock, taken to be later by so much. */
    public ClockMapping later(long nanos) {
      return new ClockMapping(offsetNanos + nanos, uncertaintyNanos);
    }

    /** Epoch milliseconds, with fraction, of an agent's nanoseconds. */
    public double epochMillis(long agentNanos) {
      return (agentNanos + offsetNanos) / 1e6;
    }
  }
}
