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
    List<HopReport> hops = hops(k, name);
    long elapsed = elapsed(k, name);
    if (hops.isEmpty()) {
      return new Gate(name, k.nowMillis(), elapsed, 0, 0, "?");
    }
    HopReport last = hops.getLast();
    long slowest = hops.stream().mapToLong(h -> h.endNanos() - h.startNanos()).max().orElse(0);
    long skew = last.endNanos() - hops.getFirst().endNanos();
    return new Gate(name, k.nowMillis(), elapsed, slowest, skew, last.device().value());
  }

  /** The hops that lead to that gate, in the order of their ends. */
  private static List<HopReport> hops(Known k, Gate.Name name) {
    boolean source = name == Gate.Name.QUIESCED || name == Gate.Name.FROZEN;
    Set<DeviceState> there = ARRIVALS.getOrDefault(name, Set.of());
    return (source ? k.source() : k.destination())
        .hops().stream()
            .filter(h -> h.outcome() == Outcome.DONE && there.contains(h.requested().to()))
            .filter(h -> DEPARTURES.getOrDefault(name, ANY).contains(h.requested().from()))
            .sorted(Comparator.comparingLong(HopReport::endNanos))
            .toList();
  }

  /**
   * One request passes gates 4 and 5, so its time is divided: from the last thawed device to the
   * last running one, both by the agent's clock, is the second's; all else is the first's.
   */
  private static long elapsed(Known k, Gate.Name name) {
    long whole = k.nowNanos() - k.entered().getOrDefault(k.migration().phase(), k.nowNanos());
    boolean divided = name == Gate.Name.THAWED || name == Gate.Name.RUNNING;
    List<HopReport> thawed = divided ? hops(k, Gate.Name.THAWED) : List.of();
    List<HopReport> running = divided ? hops(k, Gate.Name.RUNNING) : List.of();
    if (thawed.isEmpty() || running.isEmpty()) {
      return whole;
    }
    long second = Math.clamp(running.getLast().endNanos() - thawed.getLast().endNanos(), 0, whole);
    return name == Gate.Name.RUNNING ? second : whole - second;
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
