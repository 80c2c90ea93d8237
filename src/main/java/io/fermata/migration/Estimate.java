package io.fermata.migration;

import io.fermata.device.Capabilities.Capability;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long the guest is likely to be dark, from state sizes and bandwidth; what is not known is
 * null.
 *
 * @param copyMillis bytes left for the blackout over the link
 * @param fixedMillis hops and round trips: an assumption until latencies are learned
 * @param bytes what is copied in the blackout
 * @param bytesPerSecond the slower side's link
 * @param basis {@code device} when the drivers told every size, else {@code default}
 */
public record Estimate(
    @Nullable Long totalMillis,
    @Nullable Long copyMillis,
    long fixedMillis,
    @Nullable Long bytes,
    long bytesPerSecond,
    String basis) {
  private static final long HOPS_MILLIS = 200;

  /** The estimate for a set on its source. */
  public static Estimate of(Order order, HostView source) {
    long rate = Math.max(1, source.linkBytesPerSecond());
    long bytes = 0;
    for (Order.Pair pair : order.devices()) {
      Optional<DeviceView> device = source.device(pair.source().value());
      Long size = device.map(DeviceView::dataBytes).filter(Objects::nonNull).orElse(null);
      if (device.isEmpty() || size == null) {
        return new Estimate(null, null, HOPS_MILLIS, null, rate, "default");
      }
      boolean early =
          order.preCopy().enabled() && device.get().capabilities().has(Capability.PRE_COPY);
      bytes += early ? Math.min(size, order.preCopy().switchoverBelowBytes()) : size;
    }
    long copy = Math.round(bytes * 1000.0 / rate);
    return new Estimate(copy + HOPS_MILLIS, copy, HOPS_MILLIS, bytes, rate, "device");
  }
}
