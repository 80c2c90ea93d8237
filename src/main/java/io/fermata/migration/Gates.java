package io.fermata.migration;

import io.fermata.device.DeviceState;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the gates cost, read from the hop reports of the agents and from the orchestrator's own
 * watch.
 */
final class Gates {
  private static final Map<Gate.Name, Set<DeviceState>> ARRIVALS =
      Map.of(
          Gate.Name.QUIESCED, EnumSet.of(DeviceState.RUNNING_P2P, DeviceState.PRE_COPY_P2P),
          Gate.Name.FROZEN, EnumSet.of(DeviceState.STOP, DeviceState.STOP_COPY),
          Gate.Name.LOADED, EnumSet.of(DeviceState.STOP),
          Gate.Name.THAWED, EnumSet.of(DeviceState.RUNNING_P2P),
          Gate.Name.RUNNING, EnumSet.of(DeviceState.RUNNING));

  /**
   * A destination takes some of the same hops while it makes ready; those are told apart by where
   * they began.
   */
  private static final Map<Gate.Name, Set<DeviceState>> DEPARTURES =
      Map.of(
          Gate.Name.LOADED, EnumSet.of(DeviceState.RESUMING),
          Gate.Name.THAWED, EnumSet.of(DeviceState.STOP));

  private static final Set<DeviceState> ANY = EnumSet.allOf(DeviceState.class);

  private Gates() {}

  static Gate opened(Known k, Gate.Name name) {
    boolean source = name == Gate.Name.QUIESCED || name == Gate.Name.FROZEN;
    Set<DeviceState> there = ARRIVALS.getOrDefault(name, Set.of());
    List<HopReport> hops =
        (source ? k.source() : k.destination())
            .hops().stream()
                .filter(h -> h.outcome() == Outcome.DONE && there.contains(h.requested().to()))
                .filter(h -> DEPARTURES.getOrDefault(name, ANY).contains(h.requested().from()))
                .sorted(Comparator.comparingLong(HopReport::endNanos))
                .toList();
    long elapsed = k.nowNanos() - k.entered().getOrDefault(k.migration().phase(), k.nowNanos());
    if (hops.isEmpty()) {
      return new Gate(name, k.nowMillis(), elapsed, 0, 0, "?");
    }
    HopReport last = hops.getLast();
    long slowest = hops.stream().mapToLong(h -> h.endNanos() - h.startNanos()).max().orElse(0);
    long skew = last.endNanos() - hops.getFirst().endNanos();
    return new Gate(name, k.nowMillis(), elapsed, slowest, skew, last.device().value());
  }

  /**
   * The parts of the blackout that is over. A phase that a walk back never reached takes no time;
   * one that a restart of the orchestrator has forgotten counts with the part after it.
   */
  static Migration.Blackout blackout(Known k) {
    long end = k.entered().getOrDefault(Phase.DONE, k.nowNanos());
    long dark = k.entered().getOrDefault(Phase.QUIESCING, fromClock(k));
    long freezing = mark(k, Phase.FREEZING, dark);
    long copying = mark(k, Phase.COPYING, freezing);
    long sealing = mark(k, Phase.SEALING, copying);
    long resuming = mark(k, Phase.RESUMING, sealing);
    return new Migration.Blackout(
        freezing - dark,
        copying - freezing,
        sealing - copying,
        resuming - sealing,
        Math.max(0, end - resuming));
  }

  private static long mark(Known k, Phase phase, long before) {
    long unreached = k.entered().getOrDefault(Phase.ROLLING_BACK, before);
    return k.entered().getOrDefault(phase, unreached);
  }

  private static long fromClock(Known k) {
    return k.nowNanos() - (k.nowMillis() - k.migration().darkSince()) * 1_000_000;
  }
}
