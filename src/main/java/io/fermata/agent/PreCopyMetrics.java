package io.fermata.agent;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of this host's source devices move, and whether pre-copy gains on the guest.
 * What was read between the last report of a stream and the end of pre-copy counts as stop-copy.
 */
final class PreCopyMetrics {
  private static final String REMAINING = "fermata_precopy_remaining_bytes";
  private static final String STALLED = "fermata_precopy_stalled_seconds";
  private static final double NANOS = 1e9;

  private final CounterDataPoint preCopied;
  private final CounterDataPoint stopCopied;
  private final Map<DeviceName, DeviceState> states = new HashMap<>();
  private final Map<DeviceName, Flow> flows = new HashMap<>();
  private final Map<MigrationId, Best> bests = new TreeMap<>();

  /** How far one device's image is; what is left is null where nobody knows. */
  private record Flow(MigrationId migration, long moved, @Nullable Long left, int restarts) {}

  /** The least that was left of one migration since its drivers last began anew, and since when. */
  private record Best(long left, long sinceNanos, long restarts) {}

  PreCopyMetrics(Instruments instruments) {
    Counter moved =
        instruments.counter(
            "fermata_transfer_bytes_total",
            "Bytes of device state sent by this host.",
            "stage",
            "kind");
    preCopied = moved.labelValues("precopy", "device");
    stopCopied = moved.labelValues("stopcopy", "device");
    instruments.read(
        new Gauges(
                readings -> {
                  readings.put(REMAINING, remaining());
                  readings.put(STALLED, stalledNanos(System.nanoTime()) / NANOS);
                })
            .gauge(REMAINING, "What the drivers still hold for the worst pre-copy; 0 if none.")
            .gauge(STALLED, "Since when the worst pre-copy has not had less left; 0 if none."));
  }

  /** A device was seen there. */
  synchronized void at(DeviceName device, DeviceState state) {
    states.put(device, state);
    if (!preCopying(device)) {
      forgetLeft(device);
    }
  }

  synchronized void flowed(Event.Flowed flow) {
    moved(flow);
  }

  synchronized void sent(Event.Sent sent) {
    moved(new Event.Flowed(sent.migration(), sent.device(), sent.image().bytes(), null));
    over(sent.device());
  }

  /** The stream of that device is over. */
  synchronized void over(DeviceName device) {
    flows.remove(device);
    settle();
  }

  private void moved(Event.Flowed now) {
    DeviceName device = now.device();
    DeviceState state = states.getOrDefault(device, DeviceState.UNKNOWN);
    if (!preCopying(device) && state != DeviceState.STOP_COPY) {
      return; // a destination's device: its bytes are counted where they are sent
    }
    Flow before = flows.get(device);
    boolean same = before != null && before.migration().equals(now.migration());
    long more = now.moved() - (same && before != null ? before.moved() : 0);
    (preCopying(device) ? preCopied : stopCopied).inc(Math.max(0, more));
    Long left = preCopying(device) ? now.left() : null;
    flows.put(device, new Flow(now.migration(), now.moved(), left, now.restarts()));
    settle();
  }

  private boolean preCopying(DeviceName device) {
    DeviceState state = states.get(device);
    return state == DeviceState.PRE_COPY || state == DeviceState.PRE_COPY_P2P;
  }

  private void forgetLeft(DeviceName device) {
    flows.computeIfPresent(
        device, (name, flow) -> new Flow(flow.migration(), flow.moved(), null, flow.restarts()));
    settle();
  }

  /** Compares what is left of each migration with the least that ever was. */
  private void settle() {
    Map<MigrationId, Long> left = left();
    bests.keySet().retainAll(left.keySet());
    left.forEach((migration, bytes) -> {
      Best best = bests.get(migration);
      long restarts = restarts(migration);
      boolean anew = best != null && restarts != best.restarts();
      if (best == null || anew || bytes < best.left() || bytes == 0) {
        bests.put(migration, new Best(bytes, System.nanoTime(), restarts));
      }
    });
  }

  private Map<MigrationId, Long> left() {
    return flows.values().stream()
        .filter(flow -> flow.left() != null)
        .collect(
            Collectors.groupingBy(
                Flow::migration, TreeMap::new, Collectors.summingLong(PreCopyMetrics::bytesLeft)));
  }

  private long restarts(MigrationId migration) {
    return flows.values().stream()
        .filter(flow -> flow.migration().equals(migration))
        .mapToLong(Flow::restarts)
        .sum();
  }

  private static long bytesLeft(Flow flow) {
    Long left = flow.left();
    return left == null ? 0 : left;
  }

  private synchronized double remaining() {
    return left().values().stream().max(Comparator.naturalOrder()).orElse(0L);
  }

  private synchronized double stalledNanos(long now) {
    return bests.values().stream()
        .filter(best -> best.left() > 0)
        .mapToLong(best -> now - best.sinceNanos())
        .max()
        .orElse(0);
  }
}
