package io.fermata.api.view;

import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Flow;
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
 * @param rate bytes per second over the last seconds, while something is copied
 * @param remaining bytes that pre-copy has not sent yet
 * @param bestRemaining the least of it so far; begins anew with a driver that begins anew
 * @param stalledMs for how long of sending there has not been less
 * @param projectedBlackoutMs what the blackout would be if it began now
 */
public record ProgressView(
    @Nullable Integer percent,
    @Nullable String stage,
    @Nullable Long bytesDone,
    @Nullable Long bytesTotal,
    @Nullable Long rate,
    @Nullable Long remaining,
    @Nullable Long bestRemaining,
    @Nullable Long stalledMs,
    @Nullable Long projectedBlackoutMs,
    List<DeviceProgress> devices) {

  /** One pair. */
  public record DeviceProgress(
      String source,
      String destination,
      @Nullable DeviceState sourceState,
      @Nullable DeviceState destinationState,
      @Nullable Long bytesDone,
      @Nullable Long bytesTotal,
      @Nullable String trouble) {}

  /** The progress of a migration. */
  public static ProgressView of(Scene scene) {
    List<DeviceProgress> devices =
        scene.migration().order().devices().stream().map(pair -> device(scene, pair)).toList();
    Long done = sum(devices, DeviceProgress::bytesDone);
    Long total = sum(devices, DeviceProgress::bytesTotal);
    Pace pace = Pace.of(scene);
    return new ProgressView(
        scene.percent(),
        stage(scene),
        done,
        total,
        pace.rate(),
        pace.remaining(),
        pace.bestRemaining(),
        pace.stalledMs(),
        pace.projectedBlackoutMs(),
        devices);
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
    long before = scene.migration().phase() == Phase.COPYING ? preCopied(scene) : 0;
    if (done == null || total == null || total <= before) {
      return 0;
    }
    return (int) (share * Math.min(1.0, (double) (done - before) / (total - before)));
  }

  /** What was sent while the guest ran is no part of what is copied in the dark. */
  private static long preCopied(Scene scene) {
    SideView source = scene.live().source();
    return source == null
        ? 0
        : source.flow().early().values().stream().mapToLong(Flow.Early::moved).sum();
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
        trouble);
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

  /**
   * What the image will be: known when it is whole, else the driver's last word, else not at all.
   * What it says of the whole state has nothing to do with an image that has changes in it.
   */
  private static @Nullable Long total(Scene scene, DeviceReport device) {
    return switch (scene.migration().phase()) {
      case SEALING, RESUMING, CLEANING -> device.movedBytes();
      case DONE ->
          scene.migration().outcome() == Outcome.SUCCEEDED ? (Long) device.movedBytes() : null;
      case PRECOPYING -> device.leftBytes() == null ? null : left(device);
      default ->
          mayPreCopy(scene, device.name().value())
              ? atLeast(expected(scene, device), device.movedBytes())
              : atLeast(driverWord(scene.source(), device.name().value()), device.movedBytes());
    };
  }

  private static boolean mayPreCopy(Scene scene, String device) {
    HostView host = scene.source();
    return scene.migration().order().preCopy().enabled()
        && host != null
        && host.device(device).filter(d -> d.capabilities().has(Capability.PRE_COPY)).isPresent();
  }

  private static @Nullable Long expected(Scene scene, DeviceReport device) {
    SideView source = scene.live().source();
    Flow.Early early = source == null ? null : source.flow().early().get(device.name());
    Long left = early == null ? null : early.left();
    return early == null || left == null ? null : (Long) (early.moved() + left);
  }

  private static Long left(DeviceReport device) {
    return device.movedBytes() + Objects.requireNonNullElse(device.leftBytes(), 0L);
  }

  private static @Nullable Long atLeast(@Nullable Long total, long moved) {
    return total == null ? null : (Long) Math.max(total, moved);
  }

  static @Nullable Long driverWord(@Nullable HostView host, String device) {
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
