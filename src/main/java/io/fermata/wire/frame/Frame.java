package io.fermata.wire.frame;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What the two ends of one device's stream say to each other. */
public sealed interface Frame {
  /** The one version that is spoken: since 2 a stream outlives its connection. */
  int VERSION = 2;

  /** The versions that a side speaks, both ends included. */
  record Versions(int lowest, int highest) {
    public static final Versions OURS = new Versions(VERSION, VERSION);

    public boolean include(int version) {
      return lowest <= version && version <= highest;
    }
  }

  /**
   * First word of a source.
   *
   * @param token what proves that the migration's one-time secret is known; never the secret itself
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
   * @param taken bytes of the image that are in the device already: the source goes on from there
   */
  record Welcome(int version, int frameBytes, long taken) implements Frame {}

  /**
   * A piece of the image; the buffer belongs to whoever decoded it.
   *
   * @param crc the payload's CRC32C
   */
  record Data(ByteBuffer payload, int crc) implements Frame {
    public Data(ByteBuffer payload) {
      this(payload, FrameHeader.crc(payload));
    }
  }

  /** The source asks how far the destination is, and so whether it is there. */
  record Beat() implements Frame {}

  /**
   * So much of the image is in the destination's device. It is said now and then, and to each beat.
   *
   * @param asked whether it answers a beat
   */
  record Taken(long bytes, boolean asked) implements Frame {}

  /**
   * The whole image went out.
   *
   * @param stop the generation that it is of
   * @param bytes its length
   * @param sha256 lower-case hexadecimal
   * @param proof that who says all this knows the migration's secret
   */
  record End(Stop stop, long bytes, String sha256, String proof) implements Frame {}

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
      /** A later owner of the migration is known here than there. */
      EPOCH(14),
      /** That stream cannot be gone on with: it is over, or another connection has it. */
      RESUME(15);

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
