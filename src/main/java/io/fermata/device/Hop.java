package io.fermata.device;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.RUNNING;

import java.util.List;
import java.util.Optional;

/** One arc asked of one device: from the state that it was last seen in, to the next one. */
public record Hop(DeviceState from, DeviceState to) {

  /**
   * Why this may not be asked of a device with these capabilities, or empty. Only direct arcs may
   * be asked: the kernel walks anything longer on that device alone, through gates that its peers
   * have not reached.
   */
  public Optional<String> objection(Capabilities offered) {
    if (!Arcs.legal(from, to, offered)) {
      return Optional.of(
          "the kernel has no way " + this + " for a device with flags " + flags(offered));
    }
    List<DeviceState> path = Arcs.path(from, to, offered);
    if (path.size() == 1) {
      return Optional.empty();
    }
    if (path.isEmpty()) {
      return Optional.of("the device is in " + to + " already");
    }
    List<DeviceState> between = path.subList(0, path.size() - 1);
    return Optional.of(
        this + " is a combination arc: the kernel would walk through " + between + gates(path));
  }

  private String gates(List<DeviceState> path) {
    boolean quiesces = from.mayIssueDma() && path.stream().anyMatch(s -> !s.mayIssueDma());
    boolean freezes = from.mayChange() && path.stream().anyMatch(DeviceState::mayBeFrozen);
    boolean thaws = from.mayBeFrozen() && path.stream().anyMatch(DeviceState::mayChange);
    boolean runs =
        !from.mayIssueDma() && path.stream().anyMatch(s -> s == RUNNING || s == PRE_COPY);
    String crossed =
        (quiesces ? " quiesced" : "")
            + (freezes ? " frozen" : "")
            + (thaws ? " thawed" : "")
            + (runs ? " running" : "");
    return crossed.isEmpty() ? "" : " and past the gates" + crossed + " without its peers";
  }

  private static String flags(Capabilities offered) {
    return offered.flags() + " " + offered.offered();
  }

  @Override
  public String toString() {
    return from + "→" + to;
  }
}
