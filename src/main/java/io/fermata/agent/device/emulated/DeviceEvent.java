package io.fermata.agent.device.emulated;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import org.jspecify.annotations.Nullable;

/**
 * Something that a device did or suffered.
 *
 * @param atNanos by the pace's clock, which only goes forward
 * @param kind what
 * @param device which
 * @param from its state before
 * @param to its state after; of a hop begun, the state it heads for
 * @param peer of lost DMA, the device that sent it
 * @param guest whose state the device holds, or empty
 * @param counter its state counter
 */
public record DeviceEvent(
    long atNanos,
    Kind kind,
    DeviceName device,
    DeviceState from,
    DeviceState to,
    @Nullable DeviceName peer,
    String guest,
    long counter) {

  /** What can be told of a device. */
  public enum Kind {
    /** A device is there. */
    OPENED,
    /** A hop has begun: until it ends the device may be as before or as after. */
    BEGAN,
    /** A hop has ended where it headed. */
    MOVED,
    /** A hop has ended where it began. */
    STAYED,
    /** An image has been taken: the device holds that guest's state from now on. */
    LOADED,
    /** A reset: the device holds nobody's state. */
    RESET,
    /** DMA of a peer hit this device while it was, or may have been, frozen. */
    LOST_DMA,
    /** This device's state changed although it was frozen. */
    CHANGED_FROZEN
  }

  /** One line of JSON, without the line's end. No value needs escaping: names have no such sign. */
  String line(String host) {
    return "{\"t\":"
        + atNanos
        + text("host", host)
        + text("kind", kind)
        + text("device", device)
        + text("from", from)
        + text("to", to)
        + (peer == null ? "" : text("peer", peer))
        + text("guest", guest)
        + ",\"counter\":"
        + counter
        + '}';
  }

  private static String text(String key, Object value) {
    return ",\"" + key + "\":\"" + value + '"';
  }
}
