package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;

/**
 * Somebody on the way who may keep a message, to let it arrive late, again or never. Nothing is
 * forged: what arrives was sent.
 */
interface Interception {
  /** Whether the request goes no further for now. */
  boolean holds(HostName to, Request request, Runnable arrive);

  /** Whether what one agent tells another goes no further for now. */
  default boolean holds(HostName to, PeerMessage message, Runnable arrive) {
    return false;
  }
}
