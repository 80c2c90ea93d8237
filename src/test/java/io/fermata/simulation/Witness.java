package io.fermata.simulation;

import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import java.util.List;

/** Somebody who looks on, host by host, and changes nothing. */
interface Witness {
  /** Nobody. */
  Witness NOBODY = new Witness() {};

  /** An agent process begins, and this is what it found on its disk; before its first step. */
  default void boots(HostName host, List<Fact> found) {}

  /** These events are what the turn that now begins is about. */
  default void hears(HostName host, List<Event> events) {}

  /** These facts of the turn are on disk; no effect of it has left. */
  default void wrote(HostName host, List<Fact> facts) {}

  /** How the claims stand after the turn's events; at its first effect at the latest. */
  default void stands(HostName host, Claims claims) {}

  /** That host is about to be lost with all its devices. */
  default void lost(HostName host) {}

  /** Some device of these may be in another state than before. */
  default void touched(List<Truth.Thing> things) {}
}
