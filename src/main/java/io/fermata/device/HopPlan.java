package io.fermata.device;

import static io.fermata.device.DeviceState.ERROR;
import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static io.fermata.device.DeviceState.UNKNOWN;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which single hops a set may take next towards a goal. This is the barrier as one host enforces
 * it, in both directions:
 *
 * <ul>
 *   <li>a hop that freezes a device waits until no other device of the set may issue DMA;
 *   <li>a hop that lets a device issue DMA waits until no other device of the set may be frozen.
 * </ul>
 *
 * A device whose hop is in flight counts as being at both ends of it, an UNKNOWN one as being
 * everywhere, a device in ERROR as being nowhere: it takes no more part. The gates of the protocol
 * follow from these two rules; model: {@code LocalBarrier} in {@code handover.tla}.
 */
public final class HopPlan {
  private HopPlan() {}

  /**
   * The hops that may be issued now, all at once, by device in name order. Empty when none is
   * needed or allowed.
   */
  public static SortedMap<DeviceName, Hop> next(Goal goal, Collection<Member> set) {
    SortedMap<DeviceName, Hop> hops = new TreeMap<>();
    List<Member> now = new ArrayList<>(set);
    for (int i = 0; i < now.size(); i++) {
      Member member = now.get(i);
      Optional<Hop> step = step(goal, member);
      if (step.isPresent() && permits(step.get(), member, now)) {
        hops.put(member.name(), step.get());
        now.set(i, member.heading(step.get().to())); // the next device must see this one moving
      }
    }
    return hops;
  }

  /**
   * Whether every device of the set that is not in ERROR is where the goal wants it, with nothing
   * in flight.
   */
  public static boolean reached(Goal goal, Collection<Member> set) {
    return set.stream()
        .filter(m -> m.state() != ERROR || m.heading() != null)
        .allMatch(m -> m.heading() == null && goal.reachedBy(m.state(), m.offered()));
  }

  /**
   * Whether this hop of this member keeps the barrier, given where the others are and are going.
   */
  public static boolean permits(Hop hop, Member member, Collection<Member> set) {
    return set.stream()
        .filter(other -> !other.name().equals(member.name()))
        .noneMatch(other -> freezesBeside(hop, other) || unleashesBeside(hop, other));
  }

  /** The way in, through gate 2: it would be frozen while the other may issue DMA. */
  private static boolean freezesBeside(Hop hop, Member other) {
    return hop.to().mayBeFrozen() && !hop.from().mayBeFrozen() && other.mayIssueDma();
  }

  /** The way out, through gate 4 or back: it would issue DMA while the other may be frozen. */
  private static boolean unleashesBeside(Hop hop, Member other) {
    return hop.to().mayIssueDma() && !hop.from().mayIssueDma() && other.mayBeFrozen();
  }

  /**
   * The barrier's invariant over states alone: true when some device may be frozen while another
   * may issue DMA.
   */
  public static boolean violated(Map<DeviceName, DeviceState> set) {
    return set.entrySet().stream()
        .filter(e -> e.getValue().mayBeFrozen())
        .anyMatch(frozen -> issuerBeside(frozen.getKey(), set));
  }

  private static boolean issuerBeside(DeviceName frozen, Map<DeviceName, DeviceState> set) {
    return set.entrySet().stream()
        .anyMatch(e -> !e.getKey().equals(frozen) && e.getValue().mayIssueDma());
  }

  private static Optional<Hop> step(Goal goal, Member member) {
    DeviceState state = member.state();
    boolean still = member.held() || member.heading() != null;
    if (still || state == ERROR || state == UNKNOWN || goal.reachedBy(state, member.offered())) {
      return Optional.empty();
    }
    List<DeviceState> path = Arcs.path(state, target(goal, state), member.offered());
    return path.isEmpty() ? Optional.empty() : Optional.of(new Hop(state, path.getFirst()));
  }

  /**
   * Where the kernel's own table should lead from here; its first hop is the only one that is used.
   */
  private static DeviceState target(Goal goal, DeviceState state) {
    boolean tracked = state == PRE_COPY || state == PRE_COPY_P2P;
    return switch (goal) {
      case RUNNING -> RUNNING;
      case PRE_COPY -> PRE_COPY;
      case QUIESCED -> tracked ? PRE_COPY_P2P : RUNNING_P2P;
      case FROZEN -> tracked ? STOP_COPY : STOP;
      case COPYING -> STOP_COPY;
      case RESUMING -> RESUMING;
      case STOPPED -> STOP;
    };
  }
}
