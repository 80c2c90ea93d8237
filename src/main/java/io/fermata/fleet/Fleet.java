package io.fermata.fleet;

import io.fermata.handover.HostName;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What is known of the hosts. Answers come from the last poll and never block. */
public interface Fleet {
  /** Every host of the inventory, by name. */
  List<HostView> hosts();

  /** The host of that name. */
  Optional<HostView> host(HostName name);

  /**
   * Asks that agent now instead of at the next poll; returns what is known afterwards, within the
   * poll's time-out.
   */
  Optional<HostView> refresh(HostName name);

  /** Why no agent may be entered under that address. */
  default Optional<String> objection(URI address) {
    return Optional.empty();
  }

  /**
   * Asks every agent that answered last time, all at once, and returns within the poll's time-out:
   * for decisions that should not lag behind what has just ended.
   */
  default void refreshAnswering() {
    hosts().stream().filter(host -> host.trouble() == null).forEach(host -> refresh(host.name()));
  }

  /**
   * Has the agent speak for its host now: the question is sent after this call, and an answer to an
   * earlier one is not taken. Empty where it does not answer in time, or speaks for another host.
   */
  default Optional<AgentWord> ask(HostName name) {
    return refresh(name).filter(host -> host.trouble() == null).map(AgentWord::of);
  }
}
