package io.fermata.device;

import org.jspecify.annotations.Nullable;

/**
 * One device of a set as its agent sees it now.
 *
 * @param state the state last read from the device
 * @param heading where a hop in flight is taking it, or null; until the call returns the device may
 *     be in either state
 * @param held whether no hop may be planned for it now: its last hop failed, or its image is not
 *     whole
 */
public record Member(
    DeviceName name,
    Capabilities offered,
    DeviceState state,
    @Nullable DeviceState heading,
    boolean held) {

  /** A device at rest in that state. */
  public static Member at(DeviceName name, Capabilities offered, DeviceState state) {
    return new Member(name, offered, state, null, false);
  }

  /** The same device with a hop under way. */
  public Member heading(DeviceState to) {
    return new Member(name, offered, state, to, held);
  }

  boolean mayIssueDma() {
    return state.mayIssueDma() || (heading != null && heading.mayIssueDma());
  }

  boolean mayBeFrozen() {
    return state.mayBeFrozen() || (heading != null && heading.mayBeFrozen());
  }
}
