package io.fermata.agent;

import static io.fermata.metrics.Instruments.label;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Refusal;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.DriverLabel;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Gauges.Readings;
import io.fermata.metrics.Instruments;
import io.fermata.wire.attest.Unproven;
import io.fermata.wire.frame.Packing;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * What the agent tells Prometheus. It hears what the device and stream threads report to the loop,
 * after they have reported it: counting holds up nobody's next step. Times of hops are the device
 * thread's own, around its calls.
 */
@Component
@Serving
final class AgentMetrics {
  private static final System.Logger LOG = System.getLogger(AgentMetrics.class.getName());
  private static final double NANOS = 1e9;
  private static final String DEVICES = "fermata_devices";
  private static final String RAW = "raw";
  private static final String WIRE = "wire";

  private final Instruments instruments;
  private final SortedMap<DeviceName, String> drivers = new TreeMap<>();
  private final Distribution transitions;
  private final Counter failures;
  private final Counter resets;
  private final Distribution images;
  private final Counter fenced;
  private final Counter unproven;
  private final Counter packed;
  private final PreCopyMetrics flows;

  AgentMetrics(PrometheusRegistry registry, HostDevices host) {
    instruments = new Instruments(registry);
    for (DeviceControl device : host.devices().values()) {
      drivers.put(device.name(), DriverLabel.of(device.profile().driver()));
    }
    transitions =
        instruments.histogram(
            Buckets.DEVICE,
            "fermata_device_transition_seconds",
            "From a hop's call until the state was read again, at the device's own thread.",
            "from",
            "to",
            "driver");
    failures =
        instruments.counter(
            "fermata_device_transition_failures_total",
            "Hops that did not end where they were asked to.",
            "from",
            "to",
            "driver",
            "errno");
    resets =
        instruments.counter(
            "fermata_device_resets_total",
            "Resets, by the state that was thrown away.",
            "driver",
            "reason");
    images =
        instruments.histogram(
            Buckets.BYTES,
            "fermata_device_state_bytes",
            "Sizes of device images that were sent whole.",
            "driver");
    fenced =
        instruments.counter(
            "fermata_agent_fence_rejections_total",
            "Requests refused because another owner was promised more.",
            "reason");
    unproven =
        instruments.counter(
            "fermata_agent_receipt_rejections_total",
            "Receipts that were not believed: unsigned, forged, or about something else.",
            "reason");
    packed =
        instruments.counter(
            "fermata_transfer_packed_bytes_total",
            "Bytes sent by streams that pack: as devices gave them, and as they went out.",
            "codec",
            "form");
    flows = new PreCopyMetrics(instruments);
    atZero();
  }

  /** What alerts look at exists before it happens: nobody sees a counter that is born at 1. */
  private void atZero() {
    List<String> errnos = Stream.concat(Errno.symbols(), Stream.of("other", "none")).toList();
    String from = label(DeviceState.RESUMING);
    String to = label(DeviceState.STOP);
    for (String driver : drivers.values()) {
      errnos.forEach(errno -> failures.initLabelValues(from, to, driver, errno));
      for (DeviceState state : List.of(DeviceState.STOP, DeviceState.RESUMING, DeviceState.ERROR)) {
        resets.initLabelValues(driver, label(state));
      }
    }
    for (Unproven.Reason reason : Unproven.Reason.values()) {
      unproven.initLabelValues(label(reason));
    }
    for (Packing packing : Packing.values()) {
      packed.initLabelValues(packing.word(), RAW);
      packed.initLabelValues(packing.word(), WIRE);
    }
    fenced.initLabelValues(label(Refusal.Code.STALE_EPOCH));
    fenced.initLabelValues(label(Refusal.Code.RIVAL_EPOCH));
  }

  /** Hears one event; never throws, since that would end a device's thread. */
  void on(Event event) {
    try {
      count(event);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a metric was not counted", e);
    }
  }

  private void count(Event event) {
    switch (event) {
      case Event.HopEnded e -> ended(e.migration(), e.report());
      case Event.Flowed e -> flows.flowed(e);
      case Event.Sent e -> {
        images.labelValues(driver(e.device())).observe((double) e.image().bytes());
        flows.sent(e);
      }
      case Event.Broke e -> flows.over(e.device());
      default -> {}
    }
  }

  private void ended(MigrationId migration, HopReport report) {
    String from = label(report.requested().from());
    String to = label(report.requested().to());
    String driver = driver(report.device());
    transitions
        .labelValues(from, to, driver)
        .observe((report.endNanos() - report.startNanos()) / NANOS, migration.value());
    if (report.outcome() != HopReport.Outcome.DONE) {
      failures.labelValues(from, to, driver, errno(report)).inc();
    }
    flows.at(report.device(), report.observed());
  }

  /** {@code EIO} of {@code EIO(5)}; a call that failed without one is {@code other}. */
  private static String errno(HopReport report) {
    String error = report.error();
    if (error == null) {
      return "none";
    }
    int end = error.indexOf('(');
    String symbol = end < 0 ? error : error.substring(0, end);
    return Errno.symbols().anyMatch(symbol::equals) ? symbol : "other";
  }

  private String driver(DeviceName device) {
    return Objects.requireNonNullElse(drivers.get(device), DriverLabel.OTHER);
  }

  /** A piece of an image went out in a stream that packs; told by the stream's own thread. */
  void packed(Packing packing, int rawBytes, int wireBytes) {
    packed.labelValues(packing.word(), RAW).inc(rawBytes);
    packed.labelValues(packing.word(), WIRE).inc(wireBytes);
  }

  /** A receipt that proved nothing. */
  void unproven(Unproven why) {
    unproven.labelValues(label(why.reason())).inc();
  }

  /** An agent's answer that may have fenced somebody off. */
  void refused(Refusal refusal) {
    switch (refusal.code()) {
      case STALE_EPOCH, RIVAL_EPOCH -> fenced.labelValues(label(refusal.code())).inc();
      default -> {}
    }
  }

  /** The same devices, with their resets counted. */
  AgentPorts.Devices counting(DeviceThreads threads) {
    return new AgentPorts.Devices() {
      @Override
      public void move(MigrationId migration, DeviceName device, Hop hop) {
        threads.move(migration, device, hop);
      }

      @Override
      public void look(MigrationId migration, DeviceName device) {
        threads.look(migration, device);
      }

      @Override
      public void reset(MigrationId migration, DeviceName device) {
        DeviceState before =
            threads.sight(device).map(DeviceThreads.Sight::state).orElse(DeviceState.UNKNOWN);
        threads.reset(migration, device);
        resets.labelValues(driver(device), label(before)).inc();
      }
    };
  }

  /** An operator had that device reset. */
  void resetByHand(DeviceName device, DeviceState before) {
    resets.labelValues(driver(device), label(before)).inc();
  }

  /** Shows where each device was last seen. */
  void show(Function<DeviceName, DeviceState> seen) {
    instruments.read(
        new Gauges(readings -> look(readings, seen))
            .gauge(
                DEVICES,
                "Devices by the state that was read last; unknown holds those that cannot be had.",
                "state",
                "driver"));
  }

  private void look(Readings readings, Function<DeviceName, DeviceState> seen) {
    Map<String, Map<DeviceState, Integer>> counts = new HashMap<>();
    drivers.forEach((device, driver) -> add(counts, driver, seen.apply(device)));
    counts.forEach((driver, states) -> {
      for (DeviceState state : DeviceState.values()) {
        readings.put(DEVICES, states.getOrDefault(state, 0), label(state), driver);
      }
    });
  }

  private static void add(
      Map<String, Map<DeviceState, Integer>> counts, String driver, DeviceState state) {
    counts.computeIfAbsent(driver, d -> new HashMap<>()).merge(state, 1, Integer::sum);
  }
}
