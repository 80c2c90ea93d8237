package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a source's copy goes, as its reports tell one after another; times are the agent's own, so
 * neither clocks nor round trips enter. What cannot be known is null.
 *
 * @param preCopied bytes of each device that went out while its guest ran
 * @param left what the drivers of the devices in pre-copy still hold
 * @param bytesPerSecond what went out lately, smoothed
 * @param fullBytesPerSecond the same, but only while there was more to send: what the way gives
 * @param iteration how often as much went out as was left when the round began, from 1 upwards; 0
 *     where nothing pre-copies
 * @param bestLeft the least that was ever left since the last new beginning
 * @param stalledNanos for how long that has been the least
 * @param stalled whether that is longer than the window
 */
public record Flow(
    Map<DeviceName, Long> preCopied,
    @Nullable Long left,
    @Nullable Double bytesPerSecond,
    @Nullable Double fullBytesPerSecond,
    int iteration,
    @Nullable Long bestLeft,
    long stalledNanos,
    boolean stalled,
    Mark mark) {
  private static final double SMOOTH_NANOS = 2e9;
  private static final double NANOS = 1e9;

  /** Nothing is known yet. */
  public static final Flow NONE =
      new Flow(Map.of(), null, null, null, 0, null, 0, false, Mark.NONE);

  public Flow {
    preCopied = Map.copyOf(preCopied);
  }

  /**
   * What the next report is compared with.
   *
   * @param atNanos when the last report was made, agent's clock
   * @param moved bytes of all devices up to then
   * @param roundEnds the bytes at which the present round is over
   * @param bestNanos when there was the least left
   * @param restarts how often drivers had begun anew
   */
  record Mark(
      @Nullable Long atNanos, long moved, long roundEnds, long bestNanos, long restarts) {
    static final Mark NONE = new Mark(null, 0, 0, 0, 0);
  }

  /** What all devices of a report have moved, and what those in pre-copy have left. */
  private record Sum(long moved, @Nullable Long left, long restarts) {
    static Sum of(ClaimReport report) {
      long moved = 0;
      long restarts = 0;
      Long left = null;
      boolean known = true;
      for (DeviceReport device : report.devices()) {
        moved += device.movedBytes();
        restarts += device.restarts();
        if (preCopies(device)) {
          Long own = device.leftBytes();
          known &= own != null;
          left = (left == null ? 0 : left) + (own == null ? 0 : own);
        }
      }
      return new Sum(moved, known ? left : null, restarts);
    }
  }

  /** With one more report. */
  Flow after(ClaimReport report, long nanos, long windowMillis) {
    if (mark.atNanos() != null && nanos <= mark.atNanos()) {
      return this; // an answer that was overtaken
    }
    Sum sum = Sum.of(report);
    boolean first = mark.atNanos() == null || sum.moved() < mark.moved();
    Double rate = first ? null : smoothed(bytesPerSecond, sum, nanos);
    boolean full = sum.left() == null ? sum.moved() > mark.moved() : sum.left() > 0;
    Double most = !first && full ? smoothed(fullBytesPerSecond, sum, nanos) : fullBytesPerSecond;
    boolean better =
        first
            || bestLeft == null
            || sum.restarts() > mark.restarts() // what was nearly ready is not any more
            || (sum.left() != null && (sum.left() < bestLeft || sum.left() == 0));
    Long best = better || sum.left() == null ? sum.left() : bestLeft;
    long bestSince = better || sum.left() == null ? nanos : mark.bestNanos();
    boolean round = sum.left() != null && (iteration == 0 || sum.moved() >= mark.roundEnds());
    long ends = round && sum.left() != null ? sum.moved() + Math.max(1, sum.left()) : roundEnds();
    return new Flow(
        preCopied(report),
        sum.left(),
        rate,
        most,
        round ? iteration + 1 : iteration,
        best,
        nanos - bestSince,
        nanos - bestSince > windowMillis * 1_000_000,
        new Mark(nanos, sum.moved(), ends, bestSince, sum.restarts()));
  }

  private long roundEnds() {
    return mark.roundEnds();
  }

  private @Nullable Double smoothed(@Nullable Double before, Sum sum, long nanos) {
    Long at = mark.atNanos();
    if (at == null || nanos <= at) {
      return before;
    }
    double now = (sum.moved() - mark.moved()) * NANOS / (nanos - at);
    double share = 1 - Math.exp(-(nanos - at) / SMOOTH_NANOS);
    return before == null ? now : before + share * (now - before);
  }

  private Map<DeviceName, Long> preCopied(ClaimReport report) {
    if (report.devices().stream().noneMatch(Flow::preCopies)) {
      return preCopied;
    }
    Map<DeviceName, Long> bytes = new TreeMap<>(preCopied);
    for (DeviceReport device : report.devices()) {
      if (preCopies(device)) {
        bytes.put(device.name(), device.movedBytes());
      }
    }
    return bytes;
  }

  private static boolean preCopies(DeviceReport device) {
    return device.state() == DeviceState.PRE_COPY || device.state() == DeviceState.PRE_COPY_P2P;
  }
}
