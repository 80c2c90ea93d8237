package io.fermata.api.view;

import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Estimate;
import io.fermata.migration.Flow;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How fast a copy goes, and where that leads; null for what cannot be known. */
record Pace(
    @Nullable Long rate,
    @Nullable Integer iteration,
    @Nullable Long remaining,
    @Nullable Long bestRemaining,
    @Nullable Long stalledMs,
    @Nullable Boolean stalled,
    @Nullable Long projectedBlackoutMs,
    @Nullable List<Long> etaRange) {
  private static final Pace UNKNOWN = new Pace(null, null, null, null, null, null, null, null);
  private static final double MILLIS = 1e3;
  private static final long NANOS_PER_MILLI = 1_000_000;

  static Pace of(Scene scene, @Nullable Long done, @Nullable Long total) {
    SideView side = scene.live().source();
    if (side == null || side.report() == null) {
      return UNKNOWN;
    }
    Flow flow = side.flow();
    return switch (scene.migration().phase()) {
      case PRECOPYING -> live(scene, flow);
      case COPYING -> dark(scene, flow, done, total);
      case QUEUED,
          CHECKING,
          PREPARING,
          QUIESCING,
          FREEZING,
          SEALING,
          RESUMING,
          CLEANING,
          ROLLING_BACK,
          NEEDS_OPERATOR,
          DONE ->
          UNKNOWN;
    };
  }

  private static Pace live(Scene scene, Flow flow) {
    Long left = flow.left();
    Long blackout = millis(darkBytes(scene, left), flow.fullBytesPerSecond());
    Long projected = blackout == null ? null : (Long) (blackout + fixedMillis(scene));
    return new Pace(
        whole(flow.bytesPerSecond()),
        flow.iteration() == 0 ? null : (Integer) flow.iteration(),
        left,
        flow.bestLeft(),
        left == null ? null : (Long) (flow.stalledNanos() / NANOS_PER_MILLI),
        left == null ? null : (Boolean) flow.stalled(),
        projected,
        untilDone(scene, flow, projected));
  }

  /** At the earliest nothing more is written; at the latest the order's time for pre-copy is up. */
  private static @Nullable List<Long> untilDone(
      Scene scene, Flow flow, @Nullable Long projected) {
    Order.PreCopyTerms terms = scene.migration().order().preCopy();
    Long left = flow.left();
    long over = left == null ? 0 : Math.max(0, left - terms.switchoverBelowBytes());
    Long copy = left == null ? null : millis(over, flow.fullBytesPerSecond());
    if (projected == null || copy == null) {
      return null;
    }
    long spent = scene.now().toEpochMilli() - scene.migration().phaseSince();
    long most = Math.max(0, terms.maxSeconds() * 1000L - spent);
    return List.of(Math.min(copy, most) + fixedMillis(scene), most + projected);
  }

  private static Pace dark(
      Scene scene, Flow flow, @Nullable Long done, @Nullable Long total) {
    Long left = done == null || total == null ? null : (Long) Math.max(0, total - done);
    Long copy = millis(left, flow.bytesPerSecond());
    Double spent = scene.darkMillis();
    Long projected =
        copy == null || spent == null
            ? null
            : (Long) (Math.round(spent) + copy + fixedMillis(scene) / 2);
    Long deadline = scene.live().deadlineMillis();
    Long latest = deadline == null ? null : (Long) (deadline - scene.now().toEpochMilli());
    List<Long> eta =
        copy == null || latest == null ? null : List.of(copy, Math.max(copy, latest));
    return new Pace(
        whole(flow.bytesPerSecond()), null, left, null, null, null, projected, eta);
  }

  /** What is left of those that pre-copy, and the whole of those that do not. */
  private static @Nullable Long darkBytes(Scene scene, @Nullable Long left) {
    if (left == null) {
      return null;
    }
    long bytes = left;
    for (Order.Pair pair : scene.migration().order().devices()) {
      DeviceReport device =
          ProgressView.report(scene.live().source(), pair.source().value());
      if (device == null || device.state() != DeviceState.PRE_COPY) {
        Long whole = word(scene.source(), pair.source().value());
        if (whole == null) {
          return null;
        }
        bytes += whole;
      }
    }
    return bytes;
  }

  private static @Nullable Long word(@Nullable HostView host, String device) {
    return host == null ? null : host.device(device).map(DeviceView::dataBytes).orElse(null);
  }

  private static long fixedMillis(Scene scene) {
    HostView source = scene.source();
    return source == null ? 0 : Estimate.of(scene.migration().order(), source).fixedMillis();
  }

  private static @Nullable Long millis(@Nullable Long bytes, @Nullable Double bytesPerSecond) {
    if (bytes == null) {
      return null;
    }
    if (bytes == 0) {
      return 0L;
    }
    return bytesPerSecond == null || bytesPerSecond < 1
        ? null
        : (Long) Math.round(bytes * MILLIS / bytesPerSecond);
  }

  private static @Nullable Long whole(@Nullable Double rate) {
    return rate == null ? null : (Long) Math.round(rate);
  }
}
