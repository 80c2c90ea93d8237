package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Refusal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a source: which are open, which are being read to their end, what has gone out
 * whole, and which are lost. Until the way back a device has one stream and no second one.
 */
final class Outflow {
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final Set<DeviceName> open = new TreeSet<>();
  private final Set<DeviceName> finishing = new TreeSet<>();
  private final Map<DeviceName, ImageDigest> sent = new TreeMap<>();
  private final Map<DeviceName, String> broken = new TreeMap<>();

  Outflow(MigrationId migration, ClaimSpec spec) {
    this.migration = migration;
    this.spec = spec;
  }

  /**
   * Opens a stream for every device that became readable, and for all others before anything is
   * frozen: to connect may take longer than any hop. Lets each run to its end once the set is
   * frozen.
   */
  void flow(Goal goal, ClaimedSet set, @Nullable Stop stop, Turn turn) {
    for (DeviceName name : set.names()) {
      DeviceState state = set.state(name);
      boolean readable = state == DeviceState.PRE_COPY || state == DeviceState.STOP_COPY;
      if (isWanted(goal, readable, set) && open.add(name)) {
        turn.then(new Effect.OpenStream(migration, spec, name, readable));
      }
      boolean last = goal == Goal.COPYING && state == DeviceState.STOP_COPY;
      if (last && stop != null && finishing.add(name)) {
        turn.then(new Effect.FinishStream(migration, name, stop));
      }
    }
  }

  /** In pre-copy whoever is not readable once the set is there cannot be tracked: it runs on. */
  private static boolean isWanted(Goal goal, boolean readable, ClaimedSet set) {
    return switch (goal) {
      case PRE_COPY -> readable || set.reached(Goal.PRE_COPY);
      case QUIESCED, FROZEN, COPYING -> true;
      case RUNNING, RESUMING, STOPPED -> false;
    };
  }

  /** Takes note of a stream that is lost for good, unless its image is out. */
  void broke(Event.Broke broke, ClaimedSet set) {
    if (!sent.containsKey(broke.device())) {
      set.troubled(broke.device(), broke.detail());
      if (open.contains(broke.device())) {
        broken.put(broke.device(), broke.detail());
      }
    }
  }

  /** Whether some stream is lost, so that there is only the way back. */
  boolean isBroken() {
    return !broken.isEmpty();
  }

  /**
   * Whose stream is lost is held until the way back: a hop that ends well, or a request that is
   * repeated, takes the trouble of hops away and brings no stream back.
   */
  void hold(ClaimedSet set) {
    broken.forEach((name, detail) -> {
      if (set.well(name)) {
        set.troubled(name, detail);
      }
    });
  }

  /** A gate is shut: for a lost stream if there is one, which no other try would mend. */
  Optional<Refusal> shut(Refusal.Code code, String otherwise) {
    Optional<String> lost = broken.values().stream().findFirst();
    return Claim.refuse(code, lost.map(d -> "a stream is lost: " + d).orElse(otherwise));
  }

  /** Takes note of an image that went out whole; one that nobody asked to finish does not count. */
  void sent(DeviceName device, ImageDigest image) {
    if (finishing.contains(device)) {
      sent.put(device, image);
    }
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
    broken.clear();
  }
}
