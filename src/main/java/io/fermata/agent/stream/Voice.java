package io.fermata.agent.stream;

import io.fermata.handover.Event;
import java.util.function.Consumer;

/**
 * What one generation of streams says to the agent's loop, until it is silenced. Once {@link
 * #silence} has returned no event of it follows: the claim may belong to a later attempt by then.
 */
final class Voice {
  private final Consumer<Event> events;
  private boolean silent;

  Voice(Consumer<Event> events) {
    this.events = events;
  }

  /** The lock is held while the event is handed on: silence() must not overtake it. */
  synchronized void say(Event event) {
    if (!silent) {
      events.accept(event);
    }
  }

  synchronized void silence() {
    silent = true;
  }

  synchronized boolean isSilent() {
    return silent;
  }
}
