package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a source's copy goes, as its reports tell one after another. Times are the agent's own, so
 * that neither clocks nor round trips enter. What cannot be known is null.
 *
 * @param left bytes that the drivers of the devices in pre-copy still hold
 * @param bestLeft the least that was left since the same devices pre-copied and none began anew
 * @param stalledNanos for how long that has been the least while bytes went out; a stream that
 *     stands still says nothing about the guest, and its time does not count
 * @param restarted whether the last report told that a driver began its initial data anew: what was
 *     known before is void, and this one report makes nothing ready
 * @param bytesPerSecond what went out lately, smoothed
 * @param fullBytesPerSecond the same, but only while there was more to send: what the way gives
 * @param early what each device that pre-copied last said before it left pre-copy
 */
public record Flow(
    @Nullable Long left,
    @Nullable Long bestLeft,
    long stalledNanos,
    boolean restarted,
    @Nullable Double bytesPerSecond,
    @Nullable Double fullBytesPerSecond,
    Map<DeviceName, Early> early,
    Mark mark) {
  private static final double SMOOTH_NANOS = 2e9;
  private static final double NANOS = 1e9;

  /** Nothing is known yet. */
  public static final Flow NONE = new Flow(null, null, 0, false, null, null, Map.of(), Mark.NONE);

  public Flow {
    early = Map.copyOf(early);
  }

  /**
   * What a device sent while its guest ran.
   *
   * @param left what its driver still held then; null when it did not tell
   */
  public record Early(long moved, @Nullable Long left) {}

  /**
   * What the next report is compared with.
   *
   * @param atNanos when the last report was made, agent's clock
   * @param moved bytes of all devices up to then
   * @param beginnings how often the driver of each device in pre-copy had begun anew
   */
  record Mark(@Nullable Long atNanos, long moved, Map<DeviceName, Integer> beginnings) {
    static final Mark NONE = new Mark(null, 0, Map.of());

    Mark {
      beginnings = Map.copyOf(beginnings);
    }

    boolean tellsOfRestart(Mark next) {
      return next.beginnings.entrySet().stream()
          .anyMatch(e -> !e.getValue().equals(beginnings.getOrDefault(e.getKey(), 0)));
    }
  }

  /** With one more report, made at that time of the agent's clock. */
  public Flow after(ClaimReport report, long nanos) {
    Long at = mark.atNanos();
    if (at != null && nanos <= at) {
      return this; // an answer that was overtaken
    }
    Mark next = mark(report, nanos);
    Long now = left(report);
    boolean moved = at != null && next.moved() > mark.moved();
    // The least that another set had left, or one whose drivers have begun anew since, is no
    // measure: it would never be reached again, and pre-copy would pass for one that gains nothing.
    boolean same = mark.beginnings().equals(next.beginnings()) && next.moved() >= mark.moved();
    boolean better = !same || bestLeft == null || (now != null && now < bestLeft);
    long quiet = moved && at != null && now != null ? nanos - at : 0;
    boolean full = now == null || now > 0;
    return new Flow(
        now,
        better ? now : bestLeft,
        better ? 0 : stalledNanos + quiet,
        mark.tellsOfRestart(next),
        smoothed(bytesPerSecond, next),
        full ? smoothed(fullBytesPerSecond, next) : fullBytesPerSecond,
        early(report),
        next);
  }

  private static Mark mark(ClaimReport report, long nanos) {
    Map<DeviceName, Integer> beginnings = new TreeMap<>();
    for (DeviceReport device : report.devices()) {
      if (preCopies(device)) {
        beginnings.put(device.name(), Objects.requireNonNullElse(device.restarts(), 0));
      }
    }
    long moved = report.devices().stream().mapToLong(DeviceReport::movedBytes).sum();
    return new Mark(nanos, moved, beginnings);
  }

  private Map<DeviceName, Early> early(ClaimReport report) {
    if (report.devices().stream().noneMatch(Flow::preCopies)) {
      return early;
    }
    Map<DeviceName, Early> all = new TreeMap<>(early);
    for (DeviceReport device : report.devices()) {
      if (preCopies(device)) {
        all.put(device.name(), new Early(device.movedBytes(), device.leftBytes()));
      }
    }
    return all;
  }

  /** One device that does not tell hides what all of them have left. */
  private static @Nullable Long left(ClaimReport report) {
    Long left = null;
    for (DeviceReport device : report.devices()) {
      if (preCopies(device)) {
        Long own = device.leftBytes();
        if (own == null) {
          return null;
        }
        left = (left == null ? 0 : left) + own;
      }
    }
    return left;
  }

  /** Unknown again where a stream began anew: the difference would be none. */
  private @Nullable Double smoothed(@Nullable Double before, Mark next) {
    Long from = mark.atNanos();
    Long to = next.atNanos();
    if (from == null || to == null || next.moved() < mark.moved()) {
      return null;
    }
    double now = (next.moved() - mark.moved()) * NANOS / (to - from);
    double share = 1 - Math.exp(-(to - from) / SMOOTH_NANOS);
    return before == null ? now : (Double) (before + share * (now - before));
  }

  static boolean preCopies(DeviceReport device) {
    return device.state() == DeviceState.PRE_COPY || device.state() == DeviceState.PRE_COPY_P2P;
  }
}
