package io.fermata.api.view;

import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How far the copy is. What cannot be known is null.
 *
 * @param percent by weighted stages; does not fall
 * @param stage {@code preCopy} while the guest runs, {@code stopCopy} while it is dark, else null
 * @param stages the bytes of each stage: those of pre-copy grow with what the guest writes
 * @param rate bytes per second, smoothed over some seconds
 * @param iteration how often pre-copy has gone over what was left, from 1 upwards
 * @param remaining what the drivers that pre-copy still hold
 * @param bestRemaining the least of it so far, since a driver last began anew
 * @param stalledMs for how long there has not been less
 * @param stalled whether that is longer than the configured window
 * @param projectedBlackoutMs what the blackout would be if it began now
 * @param etaRange milliseconds to the end of the blackout: at the earliest, if the guest wrote
 *     nothing more, and at the latest, when time is up
 */
public record ProgressView(
    @Nullable Integer percent,
    @Nullable String stage,
    @Nullable Long bytesDone,
    @Nullable Long bytesTotal,
    List<StageProgress> stages,
    @Nullable Long rate,
    @Nullable Integer iteration,
    @Nullable Long remaining,
    @Nullable Long bestRemaining,
    @Nullable Long stalledMs,
    @Nullable Boolean stalled,
    @Nullable Long projectedBlackoutMs,
    @Nullable List<Long> etaRange,
    List<DeviceProgress> devices) {

  /** The bytes of one stage. */
  public record StageProgress(String stage, @Nullable Long bytesDone, @Nullable Long bytesTotal) {}

  /**
   * One pair.
   *
   * @param preCopyBytes of what is done, what went out while the guest ran
   */
  public record DeviceProgress(
      String source,
      String destination,
      @Nullable DeviceState sourceState,
      @Nullable DeviceState destinationState,
      @Nullable Long bytesDone,
      @Nullable Long bytesTotal,
      @Nullable Long preCopyBytes,
      @Nullable String trouble) {}

  /** The progress of a migration. */
  public static ProgressView of(Scene scene) {
    List<DeviceProgress> devices =
        scene.migration().order().devices().stream().map(pair -> device(scene, pair)).toList();
    Long done = sum(devices, DeviceProgress::bytesDone);
    Long total = sum(devices, DeviceProgress::bytesTotal);
    Pace pace = Pace.of(scene, done, total);
    return new ProgressView(
        scene.percent(),
        stage(scene),
        done,
        total,
        stages(scene, devices, total),
        pace.rate(),
        pace.iteration(),
        pace.remaining(),
        pace.bestRemaining(),
        pace.stalledMs(),
        pace.stalled(),
        pace.projectedBlackoutMs(),
        pace.etaRange(),
        devices);
  }

  /** What was copied before a restart of the orchestrator is not told apart any more. */
  private static List<StageProgress> stages(
      Scene scene, List<DeviceProgress> devices, @Nullable Long total) {
    Long done = sum(devices, DeviceProgress::bytesDone);
    Long early = sum(devices, DeviceProgress::preCopyBytes);
    if (!scene.migration().order().preCopy().enabled()) {
      return List.of(new StageProgress("stopCopy", done, total));
    }
    boolean live = scene.migration().phase() == Phase.PRECOPYING;
    Long dark = live ? (Long) 0L : less(done, early);
    return List.of(
        new StageProgress("preCopy", live ? done : early, live ? total : early),
        new StageProgress("stopCopy", dark, live ? null : less(total, early)));
  }

  private static @Nullable Long less(@Nullable Long all, @Nullable Long part) {
    return all == null || part == null ? null : (Long) Math.max(0, all - part);
  }

  /** The percentage of this moment alone: the stages before it, and the part of this one. */
  static @Nullable Integer percentNow(Scene scene) {
    return switch (scene.migration().phase()) {
      case QUEUED -> 0;
      case CHECKING -> 1;
      case PREPARING -> 2;
      case PRECOPYING -> 5 + part(scene, 55);
      case QUIESCING -> 61;
      case FREEZING -> 63;
      case COPYING -> 65 + part(scene, 27);
      case SEALING -> 93;
      case RESUMING -> 95;
      case CLEANING -> 98;
      case DONE -> scene.migration().outcome() == Outcome.SUCCEEDED ? 100 : null;
      case ROLLING_BACK, NEEDS_OPERATOR -> null;
    };
  }

  private static int part(Scene scene, int share) {
    List<DeviceProgress> devices =
        scene.migration().order().devices().stream().map(pair -> device(scene, pair)).toList();
    Long done = sum(devices, DeviceProgress::bytesDone);
    Long total = sum(devices, DeviceProgress::bytesTotal);
    if (done == null || total == null || total == 0) {
      return 0;
    }
    return (int) (share * Math.min(1.0, (double) done / total));
  }

  private static @Nullable String stage(Scene scene) {
    Phase phase = scene.migration().phase();
    if (phase == Phase.PRECOPYING) {
      return "preCopy";
    }
    return phase == Phase.COPYING ? "stopCopy" : null;
  }

  private static DeviceProgress device(Scene scene, Order.Pair pair) {
    DeviceReport source = report(scene.live().source(), pair.source().value());
    DeviceReport destination = report(scene.live().destination(), pair.destination().value());
    String trouble = source != null && source.trouble() != null ? source.trouble() : null;
    if (trouble == null && destination != null) {
      trouble = destination.trouble();
    }
    return new DeviceProgress(
        pair.source().value(),
        pair.destination().value(),
        source == null ? null : source.state(),
        destination == null ? null : destination.state(),
        source == null ? image(scene, pair) : (Long) source.movedBytes(),
        source == null ? image(scene, pair) : total(scene, source),
        early(scene, pair),
        trouble);
  }

  private static @Nullable Long early(Scene scene, Order.Pair pair) {
    SideView side = scene.live().source();
    return side == null ? null : side.flow().preCopied().get(pair.source());
  }

  /**
   * After the end the agents' reports are gone, and the receipt for the copy still tells its size.
   */
  private static @Nullable Long image(Scene scene, Order.Pair pair) {
    Receipt.Ready ready = scene.migration().evidence().ready();
    if (ready == null) {
      return null;
    }
    return ready.images().stream()
        .filter(image -> image.device().equals(pair.destination()))
        .map(ImageDigest::bytes)
        .findFirst()
        .orElse(null);
  }

  /** What the image will be: known when it is whole, else the driver's word, else not at all. */
  private static @Nullable Long total(Scene scene, DeviceReport device) {
    return switch (scene.migration().phase()) {
      case SEALING, RESUMING, CLEANING -> device.movedBytes();
      case DONE ->
          scene.migration().outcome() == Outcome.SUCCEEDED ? (Long) device.movedBytes() : null;
      case PRECOPYING -> device.leftBytes() == null ? null : left(device);
      default -> atLeast(driverWord(scene.source(), device.name().value()), device.movedBytes());
    };
  }

  private static Long left(DeviceReport device) {
    return device.movedBytes() + Objects.requireNonNullElse(device.leftBytes(), 0L);
  }

  private static @Nullable Long atLeast(@Nullable Long total, long moved) {
    return total == null ? null : (Long) Math.max(total, moved);
  }

  private static @Nullable Long driverWord(@Nullable HostView host, String device) {
    return host == null ? null : host.device(device).map(DeviceView::dataBytes).orElse(null);
  }

  static @Nullable DeviceReport report(@Nullable SideView side, String device) {
    ClaimReport report = side == null ? null : side.report();
    if (report == null) {
      return null;
    }
    for (DeviceReport found : report.devices()) {
      if (found.name().value().equals(device)) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Long sum(
      List<DeviceProgress> devices, Function<DeviceProgress, @Nullable Long> amount) {
    long sum = 0;
    for (DeviceProgress device : devices) {
      Long part = amount.apply(device);
      if (part == null) {
        return null;
      }
      sum += part;
    }
    return sum;
  }
}
