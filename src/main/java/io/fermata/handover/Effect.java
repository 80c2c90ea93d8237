package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.Hop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.PeerMessage;

/**
 * What is to be done once the facts of the same turn are on disk. An effect may fail or never
 * report back.
 */
public sealed interface Effect {

  /** Ask the device for one hop; ends in {@link Event.HopEnded}. */
  record Move(MigrationId migration, DeviceName device, Hop hop) implements Effect {}

  /** Read the device's state; ends in {@link Event.Looked}. */
  record Look(MigrationId migration, DeviceName device) implements Effect {}

  /** Reset the device, losing what it holds; ends in {@link Event.Looked}. */
  record Reset(MigrationId migration, DeviceName device) implements Effect {}

  /**
   * Pause the vCPUs or let them run; ends in {@link Event.GuestIs}. A source lets run only what it
   * paused itself; a destination's virtual machine waits paused from its beginning.
   */
  record Guest(MigrationId migration, String vm, Side side, boolean run) implements Effect {}

  /**
   * Source: connect the stream of a device and send what there is; may end in {@link Event.Broke}.
   *
   * @param readable whether the device is in PRE_COPY or STOP_COPY; else nothing is read before
   *     {@link FinishStream}
   */
  record OpenStream(MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable)
      implements Effect {}

  /** Source: read the stream to its end, under that stop; ends in {@link Event.Sent}. */
  record FinishStream(MigrationId migration, DeviceName device, Stop stop) implements Effect {}

  /** Destination: take streams for this claim; each ends in {@link Event.Arrived}. */
  record ExpectStreams(MigrationId migration, ClaimSpec spec) implements Effect {}

  /** Either side: drop every stream of this claim. */
  record DropStreams(MigrationId migration) implements Effect {}

  /**
   * Say this to the other agent of the claim; ends in {@link Event.PeerAnswered}, or in nothing.
   */
  record Tell(String peerUrl, PeerMessage message) implements Effect {}

  /** Answer a request. */
  record Reply(Ticket ticket, Answer answer) implements Effect {}

  /** Answer a peer. */
  record ReplyPeer(Ticket ticket, PeerMessage.Word word) implements Effect {}
}
