package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceControl;
import java.util.Set;

/**
 * Settings {@code fermata.agent.data-plane.*}.
 *
 * @param bind where the listener binds, as {@code address:port}; port 0 takes any free one
 * @param frameBytes the largest piece of an image, read, checked and written at once
 * @param buffers how many such pieces this host holds in memory, half of them for each direction;
 *     each half should be at least the number of devices that stream at once, since a device whose
 *     read blocks holds one
 * @param window how many pieces of one stream may be under way: kept until they are in the other
 *     host's device, they are sent again when the connection breaks
 * @param idleMillis how long a peer may take or give no byte before its stream is broken; also the
 *     longest that one call into a device may take while the peer waits for it
 * @param graceMillis how long a connection may take to say whose it is, and how long it waits for
 *     that migration to be expected
 * @param resumeMillis how long a stream whose connection broke waits for another one; 0 for not at
 *     all. While the guest is dark its budget may end that earlier
 * @param progressMillis how often a stream reports what has moved
 * @param drainMillis how long to wait before a drained device in pre-copy is read again
 * @param frameSums drivers whose images are summed up over the frames' checksums instead of over
 *     every byte; both hosts must say so
 */
public record StreamSettings(
    String bind,
    int frameBytes,
    int buffers,
    int window,
    long idleMillis,
    long graceMillis,
    long resumeMillis,
    long progressMillis,
    long drainMillis,
    Set<String> frameSums) {
  private static final int FRAME_BYTES_MIN = 4096;
  private static final int FRAME_BYTES_MAX = 16 << 20;

  public StreamSettings {
    require(isEndpoint(bind), "bind", "must be address:port, is " + bind);
    require(
        frameBytes >= FRAME_BYTES_MIN && frameBytes <= FRAME_BYTES_MAX,
        "frame-bytes",
        "must be between 4096 and 16777216, is " + frameBytes);
    require(
        buffers >= 2 && buffers <= 65_536, "buffers", "must be between 2 and 65536, is " + buffers);
    between("window", window, 2 * Receiving.FRAMES_PER_WORD, 65_536);
    between("idle-millis", idleMillis, 100, 600_000);
    between("grace-millis", graceMillis, 10, 60_000);
    require(
        2 * graceMillis < idleMillis, // a source waits for its answer through two of them
        "grace-millis",
        "must be shorter than half of idle-millis, is %d and %d"
            .formatted(graceMillis, idleMillis));
    between("resume-millis", resumeMillis, 0, 600_000);
    between("progress-millis", progressMillis, 10, 60_000);
    between("drain-millis", drainMillis, 1, 10_000);
    frameSums = Set.copyOf(frameSums);
  }

  /** The settings of an agent that was told nothing but where to listen. */
  public static StreamSettings at(String bind) {
    return at(bind, Set.of());
  }

  /** The same, with drivers whose images are summed up over their frames' checksums. */
  public static StreamSettings at(String bind, Set<String> frameSums) {
    return new StreamSettings(bind, 256 << 10, 128, 16, 10_000, 2_000, 5_000, 100, 5, frameSums);
  }

  /** What a device's image is summed up over here. */
  ImageSum.Kind sumOf(DeviceControl device) {
    return frameSums.contains(device.profile().driver())
        ? ImageSum.Kind.FRAME_SUMS
        : ImageSum.Kind.SHA_256;
  }

  private static boolean isEndpoint(String bind) {
    try {
      return Endpoint.parse(bind).port() >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void between(String property, long value, long least, long most) {
    require(
        value >= least && value <= most,
        property,
        "must be between %d and %d, is %d".formatted(least, most, value));
  }

  private static void require(boolean holds, String property, String problem) {
    if (!holds) {
      throw new IllegalArgumentException("fermata.agent.data-plane." + property + " " + problem);
    }
  }
}
