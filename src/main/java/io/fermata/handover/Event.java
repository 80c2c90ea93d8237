package io.fermata.handover;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import org.jspecify.annotations.Nullable;

/** What can happen to a claim. */
public sealed interface Event {
  /** The claim that it happens to. */
  MigrationId migration();

  /** An orchestrator asks. */
  record Asked(Request request, Ticket ticket) implements Event {
    @Override
    public MigrationId migration() {
      return request.header().migration();
    }
  }

  /** The other agent says something. */
  record PeerAsked(PeerMessage message, Ticket ticket) implements Event {
    @Override
    public MigrationId migration() {
      return message.migration();
    }
  }

  /** The other agent answered what this one told it. */
  record PeerAnswered(PeerMessage.Word word) implements Event {
    @Override
    public MigrationId migration() {
      return word.migration();
    }
  }

  /** A hop's call returned, and the state was read again. */
  record HopEnded(MigrationId migration, HopReport report) implements Event {}

  /** A state was read. */
  record Looked(MigrationId migration, DeviceName device, DeviceState state) implements Event {}

  /**
   * The answer to {@link Effect.Guest}: the guest's vCPUs are known to be so.
   *
   * @param nanos when they were paused or let run, agent's clock; null where they were so already
   */
  record GuestIs(MigrationId migration, GuestState state, @Nullable Long nanos) implements Event {
    /** Of a guest that nobody times. */
    public GuestIs(MigrationId migration, GuestState state) {
      this(migration, state, null);
    }
  }

  /** Somebody else paused the guest, let it run or ended it. */
  record GuestSeen(MigrationId migration, GuestState state) implements Event {}

  /**
   * Source: the whole image went out; digest as counted while sending, named by the destination's
   * device.
   */
  record Sent(MigrationId migration, DeviceName device, Stop stop, ImageDigest image)
      implements Event {}

  /**
   * Destination: the whole image was written into the device, and length and digest match the
   * sender's.
   */
  record Arrived(MigrationId migration, Stop stop, ImageDigest image) implements Event {}

  /**
   * Either side: bytes so far of one device.
   *
   * @param left null when it cannot be known
   * @param restarts how often its driver said, in this session, that new initial data has appeared:
   *     whatever was nearly ready before is not any more
   */
  record Flowed(
      MigrationId migration, DeviceName device, long moved, @Nullable Long left, int restarts)
      implements Event {
    /** Of a driver that never began anew. */
    public Flowed(MigrationId migration, DeviceName device, long moved, @Nullable Long left) {
      this(migration, device, moved, left, 0);
    }
  }

  /** Either side: the stream of one device broke. */
  record Broke(MigrationId migration, DeviceName device, String detail) implements Event {}
}
