package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a source: which are open, which are being read to their end, and what has gone out
 * whole.
 */
final class Outflow {
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final Set<DeviceName> open = new TreeSet<>();
  private final Set<DeviceName> finishing = new TreeSet<>();
  private final Map<DeviceName, ImageDigest> sent = new TreeMap<>();

  Outflow(MigrationId migration, ClaimSpec spec) {
    this.migration = migration;
    this.spec = spec;
  }

  /**
   * Opens a stream for every device that became readable, and lets it run to its end once the set
   * is frozen.
   */
  void flow(Goal goal, ClaimedSet set, @Nullable Stop stop, Turn turn) {
    for (DeviceName name : set.names()) {
      DeviceState state = set.state(name);
      boolean readable = state == DeviceState.PRE_COPY || state == DeviceState.STOP_COPY;
      boolean wanted = goal == Goal.PRE_COPY || goal == Goal.COPYING;
      if (readable && wanted && open.add(name)) {
        turn.then(new Effect.OpenStream(migration, spec, name, true));
      }
      boolean last = goal == Goal.COPYING && state == DeviceState.STOP_COPY;
      if (last && stop != null && finishing.add(name)) {
        turn.then(new Effect.FinishStream(migration, name, stop));
      }
    }
  }

  /** Takes note of an image that went out whole; one that nobody asked to finish does not count. */
  void sent(DeviceName device, ImageDigest image) {
    if (finishing.contains(device)) {
      sent.put(device, image);
    }
  }

  boolean isSent(DeviceName device) {
    return sent.containsKey(device);
  }

  boolean allSent(ClaimedSet set) {
    return sent.size() == set.names().size();
  }

  /** Whether some image is still on its way over a stream that is not broken. */
  boolean flowing(ClaimedSet set) {
    return finishing.stream().anyMatch(n -> !sent.containsKey(n) && set.well(n));
  }

  /** What went out, in the order of the destination's device names. */
  List<ImageDigest> images() {
    return sent.values().stream().sorted(Comparator.comparing(ImageDigest::device)).toList();
  }

  /** Every way back passes here, so a new stop finds nothing open and nothing sent. */
  void drop(Turn turn) {
    turn.then(new Effect.DropStreams(migration));
    open.clear();
    finishing.clear();
    sent.clear();
  }
}
