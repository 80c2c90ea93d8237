package io.fermata.agent.device.emulated;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import org.jspecify.annotations.Nullable;

/**
 * A device as its peers meet it. While a hop is under way it counts as both, the state it leaves
 * and the one it heads for, whichever is worse: the hardware changes at some moment that nobody
 * outside can see.
 *
 * <p>Changed only by its {@link PeerGroup}, under the group's lock.
 */
final class Peer {
  private final DeviceName name;
  private final DeviceMemory memory;
  private final Kept kept;
  private volatile DeviceState state = DeviceState.RUNNING;
  private @Nullable DeviceState heading;
  private volatile Identity incoming = Identity.BLANK;

  Peer(DeviceName name, DeviceMemory memory) {
    this(name, memory, Kept.NOWHERE);
  }

  Peer(DeviceName name, DeviceMemory memory, Kept kept) {
    this.name = name;
    this.memory = memory;
    this.kept = kept;
  }

  DeviceName name() {
    return name;
  }

  DeviceMemory memory() {
    return memory;
  }

  DeviceState state() {
    return state;
  }

  void head(DeviceState to) {
    heading = to;
  }

  void stay() {
    heading = null;
  }

  void arrive(DeviceState at) {
    state = at;
    heading = null;
    kept.state(at);
  }

  /** Whose image is coming in: peers that run for that guest reckon with this device already. */
  void expect(Identity whose) {
    incoming = whose;
  }

  String guest() {
    Identity own = memory.identity();
    return own.isBlank() ? incoming.guest() : own.guest();
  }

  boolean issues() {
    DeviceState to = heading;
    boolean may = state.mayIssueDma() || (to != null && to.mayIssueDma());
    return may && !memory.identity().isBlank();
  }

  boolean isFrozen() {
    DeviceState to = heading;
    return state.mayBeFrozen() || (to != null && to.mayBeFrozen());
  }

  /** Whether its state changes: it holds a guest's state and is certainly not frozen. */
  boolean changes() {
    return state.mayChange() && !isFrozen() && !memory.identity().isBlank();
  }
}
