package io.fermata.agent.device.emulated;

import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Something that goes wrong with one device.
 *
 * @param kind what
 * @param from the state in which the SET finds the device; null for any
 * @param to the state that the SET asks for; null for any
 * @param occurrence the how-manieth such SET (or saving session) it hits, from 1; 0 for every one
 * @param errno what the call answers
 * @param after how many states of the path the device still walks before the call fails
 * @param duration how long a standstill takes; null until it is released by hand
 */
public record Fault(
    Kind kind,
    @Nullable DeviceState from,
    @Nullable DeviceState to,
    @DefaultValue("1") int occurrence,
    @DefaultValue("5") int errno,
    @DefaultValue("0") int after,
    @Nullable Duration duration) {

  /** What can go wrong. */
  public enum Kind {
    /** The call fails and nothing has happened. */
    REFUSED,
    /** The call fails with the device {@code after} states further; with all of them, arrived. */
    MOVED,
    /** The call fails with the device in ERROR. */
    ERROR,
    /** The call stands still before the first state, then goes on. */
    HANG,
    /** The device arrives, and the call stands still before it says so. */
    LATE,
    /** One bit of the next image that is read is wrong. */
    FLIPPED_BIT,
    /** The next image that is read ends half-way. */
    SHORT_IMAGE;

    boolean ofImage() {
      return this == FLIPPED_BIT || this == SHORT_IMAGE;
    }
  }

  /** The next such SET fails at once. */
  public static Fault refused(DeviceState from, DeviceState to, Errno errno) {
    return new Fault(Kind.REFUSED, from, to, 1, errno.number(), 0, null);
  }

  /** The next such SET fails after that many states of its path. */
  public static Fault moved(DeviceState from, DeviceState to, int after, Errno errno) {
    return new Fault(Kind.MOVED, from, to, 1, errno.number(), after, null);
  }

  /** The next such SET ends in ERROR. */
  public static Fault error(DeviceState from, DeviceState to) {
    return new Fault(Kind.ERROR, from, to, 1, Errno.EIO.number(), 0, null);
  }

  /** The next such SET stands still first; null until released. */
  public static Fault hang(DeviceState from, DeviceState to, @Nullable Duration duration) {
    return new Fault(Kind.HANG, from, to, 1, 0, 0, duration);
  }

  /** The next such SET arrives and tells late; null when released. */
  public static Fault late(DeviceState from, DeviceState to, @Nullable Duration duration) {
    return new Fault(Kind.LATE, from, to, 1, 0, 0, duration);
  }

  /** The next image that is loaded is refused, whatever it holds. */
  public static Fault refusedLoad() {
    return refused(DeviceState.RESUMING, DeviceState.STOP, Errno.EINVAL);
  }

  /** The next image that is read has one wrong bit. */
  public static Fault flippedBit() {
    return new Fault(Kind.FLIPPED_BIT, null, null, 1, 0, 0, null);
  }

  /** The next image that is read ends half-way. */
  public static Fault shortImage() {
    return new Fault(Kind.SHORT_IMAGE, null, null, 1, 0, 0, null);
  }

  /** The same fault, at another occurrence; 0 for always. */
  public Fault at(int occurrence) {
    return new Fault(kind, from, to, occurrence, errno, after, duration);
  }

  boolean hits(DeviceState at, DeviceState asked) {
    return !kind.ofImage() && (from == null || from == at) && (to == null || to == asked);
  }
}
