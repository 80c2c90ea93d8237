package io.fermata.api.view;

import io.fermata.fleet.HostView;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Estimate;
import io.fermata.migration.Flow;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import org.jspecify.annotations.Nullable;

/**
 * How fast a copy goes and where that leads; null for what cannot be known.
 *
 * @param rate bytes per second over the last seconds
 * @param remaining bytes that the drivers in pre-copy still hold
 * @param bestRemaining the least of it so far
 * @param stalledMs for how long of sending there has not been less
 * @param projectedBlackoutMs what the blackout would be if it began now
 */
record Pace(
    @Nullable Long rate,
    @Nullable Long remaining,
    @Nullable Long bestRemaining,
    @Nullable Long stalledMs,
    @Nullable Long projectedBlackoutMs) {
  private static final Pace UNKNOWN = new Pace(null, null, null, null, null);
  private static final double MILLIS = 1e3;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Only while something is copied: an old rate is no rate. */
  static Pace of(Scene scene) {
    SideView source = scene.live().source();
    Phase phase = scene.migration().phase();
    if (source == null || (phase != Phase.PRECOPYING && phase != Phase.COPYING)) {
      return UNKNOWN;
    }
    Flow flow = source.flow();
    Double rate = flow.bytesPerSecond();
    Long whole = rate == null ? null : (Long) Math.round(rate);
    if (phase == Phase.COPYING) {
      return new Pace(whole, null, null, null, null);
    }
    Long left = flow.left();
    return new Pace(
        whole,
        left,
        flow.bestLeft(),
        left == null ? null : (Long) (flow.stalledNanos() / NANOS_PER_MILLI),
        projected(scene, source));
  }

  /**
   * What is left at the speed of the way, and the hops as the estimate has them: learned, or
   * assumed where nothing was. How fast the way is shows only while there is something to send.
   */
  private static @Nullable Long projected(Scene scene, SideView source) {
    HostView host = scene.source();
    Long bytes = bytesInTheDark(scene, source);
    if (bytes == null || host == null) {
      return null;
    }
    long fixed = Estimate.of(scene.migration().order(), host, scene.learned()).fixedMillis();
    if (bytes == 0) {
      return fixed;
    }
    Double rate = source.flow().fullBytesPerSecond();
    return rate == null || rate < 1 ? null : (Long) (Math.round(bytes * MILLIS / rate) + fixed);
  }

  /** What is left of those that pre-copy, and the whole of those that do not. */
  private static @Nullable Long bytesInTheDark(Scene scene, SideView source) {
    long bytes = 0;
    for (Order.Pair pair : scene.migration().order().devices()) {
      DeviceReport device = ProgressView.report(source, pair.source().value());
      if (device == null) {
        return null;
      }
      boolean early = source.flow().early().containsKey(device.name());
      Long own =
          early
              ? device.leftBytes()
              : ProgressView.driverWord(scene.source(), pair.source().value());
      if (own == null) {
        return null;
      }
      bytes += own;
    }
    return bytes;
  }
}
