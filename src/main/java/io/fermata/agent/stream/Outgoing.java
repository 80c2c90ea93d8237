package io.fermata.agent.stream;

import static io.fermata.wire.frame.FrameEncoder.HEADER_BYTES;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.agent.device.DeviceFault;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.Stop;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a device gives, as frames, over as many connections as it takes. It reads whatever there is,
 * while the guest still runs and after, until it was told that the device has stopped and the
 * device then has no more. A frame is kept until it is in the destination's device: the device
 * gives each byte once, and a broken connection swallows some.
 */
final class Outgoing implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Outgoing.class.getName());
  private static final int BEATS_PER_IDLE = 3;

  private final Means means;
  private final DeviceControl device;
  private final Sending.Route route;
  private final Wanted wanted;
  private final Meter meter;
  private final ImageSum sum;
  private final Window window;
  private @Nullable ImageDigest digest;
  private int frameBytes = Integer.MAX_VALUE;
  private long sentAtNanos;
  private boolean restarting;
  private int restarts;

  /** One connection to a destination that has said welcome. */
  record Line(Link link, FrameDecoder answers) {}

  Outgoing(Means means, DeviceControl device, Voice voice, Sending.Route route, Wanted wanted) {
    this.means = means;
    this.device = device;
    this.route = route;
    this.wanted = wanted;
    this.meter = new Meter(means, voice, route.migration(), route.pair().source());
    this.sum = new ImageSum(means.settings().sumOf(device));
    this.window = new Window(means.buffers().leaving());
  }

  /** What the digest is made over. */
  ImageSum.Kind kind() {
    return sum.kind();
  }

  /** The destination says how large a frame may be, and how far it is. */
  void welcomed(Frame.Welcome welcome) {
    int most = Math.min(welcome.frameBytes(), means.settings().frameBytes());
    if (window.frames() > 0 && most < frameBytes) {
      throw new StreamFault(
          StreamFault.Code.OUT_OF_TURN, "the destination takes smaller frames than before");
    }
    frameBytes = most;
    window.taken(welcome.taken());
    sentAtNanos = means.clock().nanos();
  }

  /** First what the last connection swallowed, then all that the device gives. */
  Stop send(Line line) {
    window.again(line.link()::send);
    Stop whole = digest == null ? null : wanted.stop();
    while (whole == null) {
      // Before the read, or a device that was drained just before it stopped would pass for read to
      // its end.
      Stop asked = wanted.stop();
      boolean dry = sendPiece(line);
      meter.at(sum.bytes(), () -> asked == null ? left() : new Meter.Rest(null, restarts));
      if (dry && asked != null) {
        whole = asked;
      } else if (dry) {
        pause(line);
      }
    }
    return whole;
  }

  /** Of the whole image; from the first call on there is no more of it. */
  ImageDigest digest() {
    ImageDigest made = digest;
    if (made == null) {
      made = new ImageDigest(route.pair().destination(), sum.bytes(), sum.sha256Hex());
      digest = made;
    }
    return made;
  }

  /** Sends at most one frame; answers whether the device has nothing now. */
  private boolean sendPiece(Line line) {
    means.pace().await(route.migration()); // before the buffer: others need it meanwhile
    ByteBuffer buffer = room(line);
    boolean kept = false;
    try {
      boolean dry = fill(buffer.limit(HEADER_BYTES + frameBytes).position(HEADER_BYTES));
      int length = buffer.position() - HEADER_BYTES;
      if (length > 0) {
        int crc = FrameEncoder.seal(buffer);
        sum.add(buffer.slice(HEADER_BYTES, length), crc);
        window.add(buffer, sum.bytes());
        kept = true;
        line.link().send(buffer);
        means.pace().sent(route.migration(), length);
        sentAtNanos = means.clock().nanos();
      }
      return dry;
    } finally {
      if (!kept) {
        means.buffers().leaving().give(buffer);
      }
    }
  }

  /** A buffer for the next frame, as soon as few enough are under way. */
  private ByteBuffer room(Line line) {
    while (window.frames() >= means.settings().window()) {
      hear(line);
    }
    ByteBuffer free = means.buffers().leaving().tryTake();
    if (free == null) {
      settle(line); // others need buffers too: who waits for one holds none
      free = means.buffers().leaving().take();
    }
    return free;
  }

  private boolean fill(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      wanted.orFault();
      int at = buffer.position();
      int read = device.read(buffer);
      buffer.position(at + read);
      if (read == 0) {
        return true;
      }
    }
    return false;
  }

  /** Drained for now: the guest goes on making changes, and read() must not be asked in a loop. */
  private void pause(Line line) {
    boolean quiet =
        means.millisSince(sentAtNanos) >= means.settings().idleMillis() / BEATS_PER_IDLE;
    if (quiet || window.frames() > 0) {
      settle(line);
    }
    wanted.pause(means.settings().drainMillis());
  }

  /** Asks how far the destination is, and waits until it is there. */
  private void settle(Line line) {
    line.link().send(new Frame.Beat());
    sentAtNanos = means.clock().nanos();
    Frame.Taken taken = hear(line);
    while (!taken.asked()) {
      taken = hear(line);
    }
  }

  private Frame.Taken hear(Line line) {
    Frame answer = line.link().receive(line.answers());
    if (!(answer instanceof Frame.Taken taken)) {
      throw refusedOr(answer);
    }
    window.taken(taken.bytes());
    return taken;
  }

  static StreamFault refusedOr(Frame answer) {
    return answer instanceof Frame.Refused refused
        ? new StreamFault(StreamFault.Code.REFUSED, "the destination refused: " + refused)
        : new StreamFault(StreamFault.Code.OUT_OF_TURN, "the destination answered " + answer);
  }

  /** Unknown once the device has left pre-copy: the call is then an error, and not the stream's. */
  private Meter.Rest left() {
    try {
      PrecopyInfo info = device.precopy();
      if (info.restarted() && !restarting) {
        restarts++;
      }
      restarting = info.restarted();
      return new Meter.Rest(info.initialBytes() + info.dirtyBytes(), restarts);
    } catch (DeviceFault e) {
      LOG.log(System.Logger.Level.DEBUG, "what is left is not known: {0}", e.getMessage());
      return new Meter.Rest(null, restarts);
    }
  }

  /** Gives back what is kept. */
  @Override
  public void close() {
    window.close();
  }
}
