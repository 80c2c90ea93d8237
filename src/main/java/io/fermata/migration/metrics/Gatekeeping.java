package io.fermata.migration.metrics;

import static io.fermata.metrics.Instruments.label;

import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.handover.Side;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.DriverLabel;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Gate;
import io.fermata.migration.Migration;
import io.fermata.migration.Note;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.EnumMap;
import java.util.Map;

/** What the gates of the barrier cost, and who was waited for. */
final class Gatekeeping {
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  /** A gate's label and the side that passes it. */
  private record At(String gate, Side side) {}

  /** LOADED is no gate that devices are held at: it is the end of the copy. */
  private static final Map<Gate.Name, At> GATES =
      new EnumMap<>(
          Map.of(
              Gate.Name.QUIESCED, new At("quiesce", Side.SOURCE),
              Gate.Name.FROZEN, new At("stop", Side.SOURCE),
              Gate.Name.THAWED, new At("thaw", Side.DESTINATION),
              Gate.Name.RUNNING, new At("run", Side.DESTINATION)));

  /** The gate that does not open when this phase is given up. */
  private static final Map<Phase, Gate.Name> CLOSED =
      new EnumMap<>(
          Map.of(
              Phase.QUIESCING, Gate.Name.QUIESCED,
              Phase.FREEZING, Gate.Name.FROZEN,
              Phase.RESUMING, Gate.Name.RUNNING));

  private final Fleet fleet;
  private final Distribution seconds;
  private final Distribution skew;
  private final Counter stragglers;

  Gatekeeping(Instruments instruments, Fleet fleet) {
    this.fleet = fleet;
    seconds =
        instruments.histogram(
            Buckets.DEVICE,
            "fermata_barrier_seconds",
            "From the request for a gate until it opened for all, or was given up.",
            "gate",
            "side",
            "result");
    skew =
        instruments.histogram(
            Buckets.DEVICE,
            "fermata_barrier_skew_seconds",
            "From the first device at a gate to the last, by the agent's clock.",
            "gate");
    stragglers =
        instruments.counter(
            "fermata_barrier_stragglers_total",
            "Gates by the driver of the device that everybody waited for.",
            "gate",
            "driver");
  }

  void moved(Migration before, Migration after, Note.Moved moved) {
    Gate.Name gate = CLOSED.get(moved.from());
    At at = gate == null ? null : GATES.get(gate);
    boolean givenUp = moved.to() == Phase.ROLLING_BACK || moved.to() == Phase.NEEDS_OPERATOR;
    if (at != null && givenUp) {
      double waited = Math.max(0, after.phaseSince() - before.phaseSince()) / MILLIS;
      seconds.labelValues(at.gate, label(at.side), "failed").observe(waited);
    }
  }

  void ended(Migration m) {
    boolean several = m.order().devices().size() > 1;
    for (Gate gate : m.gates()) {
      At at = GATES.get(gate.name());
      if (at != null) {
        seconds
            .labelValues(at.gate, label(at.side), "opened")
            .observe(gate.elapsedNanos() / NANOS, m.id().value());
        if (several) {
          skew.labelValues(at.gate).observe(gate.skewNanos() / NANOS);
          stragglers.labelValues(at.gate, driver(m.order(), at.side, gate.last())).inc();
        }
      }
    }
  }

  private String driver(Order order, Side side, String device) {
    return fleet
        .host(side == Side.SOURCE ? order.source() : order.destination())
        .flatMap(host -> host.device(device))
        .map(DeviceView::driver)
        .map(DriverLabel::of)
        .orElse(DriverLabel.OTHER);
  }
}
