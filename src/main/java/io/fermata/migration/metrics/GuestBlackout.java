package io.fermata.migration.metrics;

import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestTimes;
import io.fermata.migration.Live;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Outcome;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** How long the guest's vCPUs stood still, by the agents that paused them and let them run. */
final class GuestBlackout {
  private static final double NANOS = 1e9;

  private GuestBlackout() {}

  /**
   * From the request to the virtual machine monitor at the source until its word that the vCPUs
   * run. On the way forward the two are read on two hosts' clocks; how wrong their mapping may be
   * is added, so that the figure is never too short. Empty where an agent did not do both.
   */
  static OptionalDouble seconds(Outcome outcome, Onlooker.Sides sides) {
    Live.SideView source = sides.on(Side.SOURCE);
    boolean forward = outcome == Outcome.SUCCEEDED;
    Live.SideView end = forward ? sides.on(Side.DESTINATION) : source;
    GuestTimes first = times(source);
    GuestTimes last = times(end);
    if (first == null || first.pausedNanos() == null || last == null || last.ranNanos() == null) {
      return OptionalDouble.empty();
    }
    long nanos = last.ranNanos() - first.pausedNanos();
    if (forward) {
      long unsure = source.clock().uncertaintyNanos();
      if (unsure == Long.MAX_VALUE || end.clock().uncertaintyNanos() == Long.MAX_VALUE) {
        return OptionalDouble.empty();
      }
      nanos += end.clock().offsetNanos() - source.clock().offsetNanos();
      nanos += unsure + end.clock().uncertaintyNanos();
    }
    return nanos < 0 ? OptionalDouble.empty() : OptionalDouble.of(nanos / NANOS);
  }

  private static @Nullable GuestTimes times(Live.SideView side) {
    ClaimReport report = side.report();
    return report == null ? null : report.guestTimes();
  }
}
