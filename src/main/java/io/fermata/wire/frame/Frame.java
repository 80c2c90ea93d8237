package io.fermata.wire.frame;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** What the two ends of one device's stream say to each other. */
public sealed interface Frame {
  /** The newest version of this protocol: pieces may be packed. */
  int VERSION = 3;

  /** The first one: a stream is one connection. From the second on it may go on over another. */
  int FIRST_VERSION = 1;

  /** The one from which on a destination says how pieces may be packed. */
  int PACKING_VERSION = 3;

  /** The versions that a side speaks, both ends included. */
  record Versions(int lowest, int highest) {
    public static final Versions OURS = new Versions(FIRST_VERSION, VERSION);

    public boolean include(int version) {
      return lowest <= version && version <= highest;
    }

    /** The newest that both speak; 0 for none. */
    public int newestWith(Versions other) {
      int newest = Math.min(highest, other.highest);
      return include(newest) && other.include(newest) ? newest : 0;
    }
  }

  /**
   * First word of a source.
   *
   * @param token the migration's one-time secret
   * @param host the destination that is meant
   * @param device the device's name there
   * @param profile driver and model at the source
   */
  record Hello(
      Versions versions,
      MigrationId migration,
      String token,
      HostName host,
      DeviceName device,
      String profile)
      implements Frame {
    /** Never shows the token. */
    @Override
    public String toString() {
      return migration + " to " + device + " at " + host + " from " + profile;
    }
  }

  /**
   * The destination takes the stream.
   *
   * @param version the one to speak from now on
   * @param frameBytes the largest data payload that it takes
   * @param ticket names the stream to whoever comes back; empty in version 1
   * @param packings how pieces may be packed, none before version 3; such that this build does not
   *     know are left out
   */
  record Welcome(int version, int frameBytes, String ticket, Set<Packing> packings)
      implements Frame {
    public Welcome {
      packings = Set.copyOf(packings);
    }

    /** Of version 1. */
    public Welcome(int version, int frameBytes) {
      this(version, frameBytes, "");
    }

    /** Of version 2. */
    public Welcome(int version, int frameBytes, String ticket) {
      this(version, frameBytes, ticket, Set.of());
    }
  }

  /**
   * First word of a source on another connection of the same stream, from version 2 on.
   *
   * @param hello as on the first one
   * @param ticket as the destination gave it
   * @param attempt which of the stream's connections this is; the first, which said Hello, is 0
   */
  record Resume(Hello hello, String ticket, int attempt) implements Frame {}

  /** So many bytes of the image are in the destination's device, from version 2 on. */
  record Taken(long bytes) implements Frame {}

  /** A piece of the image; the buffer belongs to whoever decoded it. */
  record Data(ByteBuffer payload) implements Frame {}

  /**
   * The same, made smaller; only as Welcome allowed. What unpacks it must believe neither the
   * length nor the body.
   *
   * @param rawBytes how long the piece was, and has to be again
   * @param body what became of it; the buffer belongs to whoever decoded it
   */
  record Packed(Packing packing, int rawBytes, ByteBuffer body) implements Frame {}

  /** Nothing to send for now, but alive. */
  record Beat() implements Frame {}

  /**
   * The whole image went out.
   *
   * @param stop the generation that it is of
   * @param bytes its length
   * @param sha256 lower-case hexadecimal
   */
  record End(Stop stop, long bytes, String sha256) implements Frame {}

  /** The destination has written all of it, and length and digest agree. */
  record Done() implements Frame {}

  /** The destination does not go on. */
  record Refused(Code code, String detail) implements Frame {
    /** Why, with its number on the wire. */
    public enum Code {
      /** No version in common. */
      VERSION(1),
      /** Nobody expects streams of that migration here. */
      MIGRATION(2),
      /** The secret is another one. */
      TOKEN(3),
      /** Another host was meant. */
      HOST(4),
      /** The device is not of that claim. */
      DEVICE(5),
      /** The devices have different drivers. */
      PROFILE(6),
      /** The device has had its stream. */
      TAKEN(7),
      /** An earlier stream still sits in a call of that device. */
      BUSY(8),
      /** Too many connections that have not said who they are. */
      CROWDED(9),
      /** What came is no frame, or was out of turn. */
      FRAME(10),
      /** The device did not take the bytes. */
      WRITE(11),
      /** Another number of bytes came than was sent. */
      LENGTH(12),
      /** The bytes that came are not those that were sent. */
      DIGEST(13),
      /** That stream does not go on: it is another one, is over, or has a later connection. */
      RESUME(14);

      private final int number;

      Code(int number) {
        this.number = number;
      }

      int number() {
        return number;
      }

      static Optional<Code> of(int number) {
        return Arrays.stream(values()).filter(code -> code.number == number).findFirst();
      }
    }

    @Override
    public String toString() {
      return code + ": " + detail;
    }
  }

  /** The source does not go on. */
  record Abort(String detail) implements Frame {}
}
