package io.fermata.migration.metrics;

import io.fermata.device.DeviceState;
import io.fermata.handover.Side;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import io.fermata.migration.Live;
import io.fermata.migration.Onlooker;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** How long the set stood still, by its own hops. */
final class DeviceBlackout {
  private static final double NANOS = 1e9;

  private DeviceBlackout() {}

  /**
   * From the first device that left off issuing DMA to the last one that is fully operational. On
   * the way forward the two ends are read on two hosts' clocks, so the figure is as wrong as their
   * mapping; empty where an end was not seen.
   */
  static OptionalDouble seconds(io.fermata.migration.Outcome outcome, Onlooker.Sides sides) {
    Live.SideView source = sides.on(Side.SOURCE);
    boolean forward = outcome == io.fermata.migration.Outcome.SUCCEEDED;
    Live.SideView end = forward ? sides.on(Side.DESTINATION) : source;
    OptionalLong quiet =
        source.hops().stream()
            .filter(hop -> done(hop) && hop.requested().from().mayIssueDma())
            .filter(hop -> !hop.requested().to().mayIssueDma())
            .mapToLong(HopReport::endNanos)
            .min();
    OptionalLong running =
        end.hops().stream()
            .filter(hop -> done(hop) && hop.requested().to() == DeviceState.RUNNING)
            .mapToLong(HopReport::endNanos)
            .max();
    boolean mapped = !forward || (known(source) && known(end));
    if (quiet.isEmpty() || running.isEmpty() || !mapped) {
      return OptionalDouble.empty();
    }
    long offset = forward ? end.clock().offsetNanos() - source.clock().offsetNanos() : 0;
    long nanos = running.getAsLong() - quiet.getAsLong() + offset;
    return nanos < 0 ? OptionalDouble.empty() : OptionalDouble.of(nanos / NANOS);
  }

  /** How long the device took to load that was the last to be loaded; 0 if none was. */
  static long lastLoadNanos(List<HopReport> destination) {
    return destination.stream()
        .filter(hop -> done(hop) && hop.requested().from() == DeviceState.RESUMING)
        .max(Comparator.comparingLong(HopReport::endNanos))
        .map(hop -> hop.endNanos() - hop.startNanos())
        .orElse(0L);
  }

  private static boolean done(HopReport hop) {
    return hop.outcome() == Outcome.DONE;
  }

  private static boolean known(Live.SideView side) {
    return side.clock().uncertaintyNanos() < Long.MAX_VALUE;
  }
}
