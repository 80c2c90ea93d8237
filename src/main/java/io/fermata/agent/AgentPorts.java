package io.fermata.agent;

import io.fermata.device.DeviceName;
import io.fermata.device.Hop;
import io.fermata.handover.Effect;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.Ticket;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.PeerMessage;

/**
 * The world as the agent's loop needs it. Nothing here may block or throw: work is handed to
 * threads of its own, and what comes of it returns as an event. The simulator brings its own world.
 */
public interface AgentPorts {
  /** The host's clock that goes on in suspend (BOOTTIME), in nanoseconds. */
  interface Clock {
    long nanos();
  }

  /** The devices' control threads. */
  interface Devices {
    /** Ask for one hop, then read the state; becomes {@code HopEnded}. */
    void move(MigrationId migration, DeviceName device, Hop hop);

    /** Read the state; becomes {@code Looked}. */
    void look(MigrationId migration, DeviceName device);

    /** Reset, then read the state; becomes {@code Looked}. */
    void reset(MigrationId migration, DeviceName device);
  }

  /** The data plane. */
  interface Streams {
    /**
     * Source: connect to the destination and send what the device's session gives.
     *
     * @param readable whether the session may be read at once; else not before {@link #finish}
     */
    void open(MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable);

    /**
     * Source: the device is in STOP_COPY; read on to the end, then close the image under that stop.
     */
    void finish(MigrationId migration, DeviceName device, Stop stop);

    /** Destination: take this claim's streams and write them into the devices. */
    void expect(MigrationId migration, ClaimSpec spec);

    /** Drop every stream of the claim, at once and for good. */
    void drop(MigrationId migration);
  }

  /** The guests' vCPUs. */
  interface Guests {
    /** Pause or resume; becomes {@code GuestIs}. */
    void set(Effect.Guest wanted);
  }

  /** The other agents. */
  interface Peers {
    /** Say this once; an answer becomes {@code PeerAnswered}, silence becomes nothing. */
    void tell(String url, PeerMessage message);
  }

  /** Those who asked and wait. */
  interface Replies {
    void reply(Ticket ticket, Answer answer);

    void reply(Ticket ticket, PeerMessage.Word word);
  }

  Clock clock();

  Devices devices();

  Streams streams();

  Guests guests();

  Peers peers();

  Replies replies();
}
