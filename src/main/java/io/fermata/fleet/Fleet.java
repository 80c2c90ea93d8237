package io.fermata.fleet;

import io.fermata.handover.HostName;
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
}
