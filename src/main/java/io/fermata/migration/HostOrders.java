package io.fermata.migration;

import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import java.util.concurrent.CompletableFuture;

/** What operators say of hosts: durable, and the same for every orchestrator within a second. */
public interface HostOrders {
  /** What is said. */
  enum Order {
    CORDONED,
    UNCORDONED,
    QUARANTINED,
    UNQUARANTINED
  }

  /** What holds of that host. */
  HostMarks marks(HostName host);

  /**
   * Says it of the host as it was at {@code version}. Completes once it is durable, and never
   * exceptionally.
   */
  CompletableFuture<Traffic.Written<HostMarks>> say(
      HostName host, Order order, HostMarks.Mark by, long version);

  /** Enters, changes or retires the host that stands at {@code version}, 0 where it is new. */
  CompletableFuture<Traffic.Written<HostMarks>> place(
      HostName host, HostMarks.Place place, HostMarks.Mark by, long version);
}
