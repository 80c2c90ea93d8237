package io.fermata.migration;

import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long the guest is likely to be dark, from state sizes, bandwidth and what hops of such
 * devices took before; what is not known is null.
 *
 * @param copyMillis bytes left for the blackout over the link
 * @param fixedMillis hops and round trips: learned where the basis is {@code history}, else assumed
 * @param bytes what is copied in the blackout
 * @param bytesPerSecond the slower side's link
 * @param basis {@code history} when sizes are known and every hop was seen before, {@code device}
 *     when the drivers told every size, else {@code default}
 */
public record Estimate(
    @Nullable Long totalMillis,
    @Nullable Long copyMillis,
    long fixedMillis,
    @Nullable Long bytes,
    long bytesPerSecond,
    String basis) {
  /** Every basis that there is. */
  public static final List<String> BASES = List.of("history", "device", "default");

  private static final long HOPS_MILLIS = 200;
  private static final Hop LOAD = new Hop(DeviceState.RESUMING, DeviceState.STOP);
  private static final Hop THAW = new Hop(DeviceState.STOP, DeviceState.RUNNING_P2P);
  private static final Hop RUN = new Hop(DeviceState.RUNNING_P2P, DeviceState.RUNNING);

  /** The hops between the gates, one after the other; the set takes each at the same time. */
  private static final List<Hop> LIVE =
      List.of(
          new Hop(DeviceState.PRE_COPY, DeviceState.PRE_COPY_P2P),
          new Hop(DeviceState.PRE_COPY_P2P, DeviceState.STOP_COPY),
          LOAD,
          THAW,
          RUN);

  private static final List<Hop> COLD =
      List.of(
          new Hop(DeviceState.RUNNING, DeviceState.RUNNING_P2P),
          new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP),
          LOAD,
          THAW,
          RUN);

  /** The estimate for a set on its source. */
  public static Estimate of(Order order, HostView source, Latencies learned) {
    long rate = Math.max(1, source.linkBytesPerSecond());
    long bytes = 0;
    for (Order.Pair pair : order.devices()) {
      Optional<DeviceView> device = source.device(pair.source().value());
      Long size = device.map(DeviceView::dataBytes).filter(Objects::nonNull).orElse(null);
      if (device.isEmpty() || size == null) {
        return new Estimate(null, null, HOPS_MILLIS, null, rate, "default");
      }
      boolean early = early(order, device.get());
      bytes += early ? Math.min(size, order.preCopy().switchoverBelowBytes()) : size;
    }
    long copy = Math.round(bytes * 1000.0 / rate);
    OptionalDouble seen = seen(order, source, learned);
    long fixed = seen.isPresent() ? Math.round(seen.getAsDouble()) : HOPS_MILLIS;
    String basis = seen.isPresent() ? "history" : "device";
    return new Estimate(copy + fixed, copy, fixed, bytes, rate, basis);
  }

  private static boolean early(Order order, DeviceView device) {
    return order.preCopy().enabled() && device.capabilities().has(Capability.PRE_COPY);
  }

  /** Devices that behave alike, as far as anybody can know before. */
  private record Likeness(String profile, boolean early) {}

  /** The slowest hop of each step and the rest, as they were before; empty if one was not seen. */
  private static OptionalDouble seen(Order order, HostView source, Latencies learned) {
    Optional<Double> rest = learned.restMillis();
    if (rest.isEmpty()) {
      return OptionalDouble.empty();
    }
    Map<String, Integer> live = new TreeMap<>();
    Map<String, Integer> cold = new TreeMap<>();
    for (Order.Pair pair : order.devices()) {
      source
          .device(pair.source().value())
          .map(device -> new Likeness(device.profile(), early(order, device)))
          .ifPresent(like -> (like.early ? live : cold).merge(like.profile, 1, Integer::sum));
    }
    double millis = rest.get();
    for (int step = 0; step < LIVE.size(); step++) {
      OptionalDouble slowest = slowest(live, LIVE.get(step), learned);
      OptionalDouble other = slowest(cold, COLD.get(step), learned);
      if (slowest.isEmpty() || other.isEmpty()) {
        return OptionalDouble.empty();
      }
      millis += Math.max(slowest.getAsDouble(), other.getAsDouble());
    }
    return OptionalDouble.of(millis);
  }

  private static OptionalDouble slowest(Map<String, Integer> devices, Hop hop, Latencies learned) {
    double slowest = 0;
    for (Map.Entry<String, Integer> alike : devices.entrySet()) {
      Optional<Double> millis = learned.slowestOf(alike.getValue(), alike.getKey(), hop);
      if (millis.isEmpty()) {
        return OptionalDouble.empty();
      }
      slowest = Math.max(slowest, millis.get());
    }
    return OptionalDouble.of(slowest);
  }
}
