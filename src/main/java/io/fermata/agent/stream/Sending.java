package io.fermata.agent.stream;

import static io.fermata.wire.frame.FrameEncoder.HEADER_BYTES;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.agent.device.DeviceFault;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import io.fermata.wire.frame.FrameFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One device's image on its way out: one session of the device, one connection, one thread. It
 * reads whatever the device gives, while the guest still runs and after, until it was told that the
 * device has stopped and the device then has no more.
 */
final class Sending implements Runnable {
  private static final System.Logger LOG = System.getLogger(Sending.class.getName());
  private static final int BEATS_PER_IDLE = 3;

  private final Means means;
  private final Lane lane;
  private final Voice voice;
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final DevicePair pair;
  private final FrameDecoder answers = FrameDecoder.ofControl();
  private final ImageSum sum = new ImageSum();
  private final CountDownLatch woken = new CountDownLatch(1);
  private volatile @Nullable Stop stop;
  private volatile @Nullable Link open;

  // Below: only the stream's own thread.
  private int frameBytes;
  private long sentAtNanos;
  private int restarts;

  Sending(Means means, Lane lane, Voice voice, Route route) {
    this.means = means;
    this.lane = lane;
    this.voice = voice;
    this.migration = route.migration();
    this.spec = route.spec();
    this.pair = route.pair();
  }

  /** Which device of which claim goes out. */
  record Route(MigrationId migration, ClaimSpec spec, DevicePair pair) {}

  /** The device is in STOP_COPY: the next time that it has no more, the image is whole. */
  void finish(Stop under) {
    stop = under; // before the latch: who wakes up must find it
    woken.countDown();
  }

  /** Ends the stream as soon as its thread is out of the device; it says nothing more. */
  void drop() {
    voice.silence();
    woken.countDown();
    Link link = open;
    if (link != null) {
      link.close();
    }
  }

  @Override
  public void run() {
    if (!lane.enter(means.settings().idleMillis())) {
      broke("an earlier stream still sits in a call of the device");
      return;
    }
    try {
      connectAndSend();
    } catch (StreamFault | FrameFault | DeviceFault e) {
      broke(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // the thread's outermost edge: nobody else would hear of it
      LOG.log(System.Logger.Level.ERROR, "a stream out ended by a mistake in the program", e);
      broke(e.toString());
    } finally {
      lane.leave();
    }
  }

  private void connectAndSend() {
    try (Link link = new Link(channel(), means, means.settings().idleMillis())) {
      open = link;
      stillWanted(); // after the field is set: a drop() before that has not seen the link
      link.connect(endpoint().resolve());
      link.secureTowards(spec.peer());
      greet(link);
      link.perCall();
      pumpOrTell(link);
    }
  }

  private static SocketChannel channel() {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      throw new StreamFault(StreamFault.Code.CONNECTION, "no socket: " + e.getMessage(), e);
    }
  }

  private Endpoint endpoint() {
    try {
      return Endpoint.parse(spec.peerData());
    } catch (IllegalArgumentException e) {
      throw new StreamFault(StreamFault.Code.CONNECTION, String.valueOf(e.getMessage()), e);
    }
  }

  private void greet(Link link) {
    link.send(
        new Frame.Hello(
            Frame.Versions.OURS,
            migration,
            spec.token(),
            spec.peer(),
            pair.destination(),
            lane.device().profile().key()));
    Frame answer = link.receive(answers);
    if (!(answer instanceof Frame.Welcome welcome)
        || !Frame.Versions.OURS.include(welcome.version())
        || welcome.frameBytes() <= 0) {
      throw refusedOr(answer);
    }
    frameBytes = Math.min(welcome.frameBytes(), means.settings().frameBytes());
    sentAtNanos = means.clock().nanos();
  }

  private void pumpOrTell(Link link) {
    try {
      pump(link);
    } catch (DeviceFault e) {
      broke(String.valueOf(e.getMessage())); // first: telling the peer may take a while
      tell(link, String.valueOf(e.getMessage()));
    } catch (StreamFault e) {
      // A destination that refuses says why and closes: here that shows as a failed write, with its
      // word still unread.
      throw e.code() == StreamFault.Code.CONNECTION ? lastWord(link, e) : e;
    }
  }

  private void pump(Link link) {
    Meter meter = new Meter(means, voice, migration, pair.source());
    while (true) {
      // Before the read, or a device that was drained just before it stopped would pass for read to
      // its end.
      Stop asked = stop;
      boolean dry = sendPiece(link);
      meter.at(sum.bytes(), () -> asked == null ? left() : new Meter.Rest(null, restarts));
      if (dry && asked != null) {
        end(link, asked);
        return;
      }
      if (dry) {
        pause(link);
      }
    }
  }

  /** Sends at most one frame; answers whether the device has nothing now. */
  private boolean sendPiece(Link link) {
    means.pace().await(migration); // before the buffer: others need it meanwhile
    ByteBuffer buffer = means.buffers().take();
    try {
      boolean dry = fill(buffer.limit(HEADER_BYTES + frameBytes).position(HEADER_BYTES));
      int length = buffer.position() - HEADER_BYTES;
      if (length > 0) {
        sum.add(buffer.slice(HEADER_BYTES, length));
        FrameEncoder.seal(buffer);
        link.send(buffer);
        means.pace().sent(migration, length);
        sentAtNanos = means.clock().nanos();
      }
      return dry;
    } finally {
      means.buffers().give(buffer);
    }
  }

  private boolean fill(ByteBuffer buffer) {
    DeviceControl device = lane.device();
    while (buffer.hasRemaining()) {
      stillWanted();
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
  private void pause(Link link) {
    if (means.millisSince(sentAtNanos) >= means.settings().idleMillis() / BEATS_PER_IDLE) {
      link.send(new Frame.Beat());
      sentAtNanos = means.clock().nanos();
    }
    try {
      if (woken.await(means.settings().drainMillis(), TimeUnit.MILLISECONDS)) {
        stillWanted();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.ENDED, "the agent ends", e);
    }
  }

  private void end(Link link, Stop asked) {
    String sha256 = sum.sha256Hex();
    link.send(new Frame.End(asked, sum.bytes(), sha256));
    Frame answer = link.receive(answers);
    if (!(answer instanceof Frame.Done)) {
      throw refusedOr(answer);
    }
    ImageDigest image = new ImageDigest(pair.destination(), sum.bytes(), sha256);
    voice.say(new Event.Sent(migration, pair.source(), asked, image));
  }

  private void stillWanted() {
    if (voice.isSilent()) {
      throw new StreamFault(StreamFault.Code.ENDED, "the stream was dropped");
    }
  }

  /** Unknown once the device has left pre-copy: the call is then an error, and not the stream's. */
  private Meter.Rest left() {
    try {
      PrecopyInfo info = lane.device().precopy();
      // Each time: whether a driver says it once, or until the new data was read, is its own
      // affair.
      restarts += info.restarted() ? 1 : 0;
      return new Meter.Rest(info.initialBytes() + info.dirtyBytes(), restarts);
    } catch (DeviceFault e) {
      LOG.log(System.Logger.Level.DEBUG, "what is left is not known: {0}", e.getMessage());
      return new Meter.Rest(null, restarts);
    }
  }

  private StreamFault lastWord(Link link, StreamFault broken) {
    try {
      return refusedOr(link.receive(answers));
    } catch (StreamFault | FrameFault e) {
      LOG.log(System.Logger.Level.DEBUG, "no last word: {0}", e.getMessage());
      return broken;
    }
  }

  private static StreamFault refusedOr(Frame answer) {
    return answer instanceof Frame.Refused refused
        ? new StreamFault(StreamFault.Code.REFUSED, "the destination refused: " + refused)
        : new StreamFault(StreamFault.Code.OUT_OF_TURN, "the destination answered " + answer);
  }

  private static void tell(Link link, String detail) {
    try {
      link.send(new Frame.Abort(detail));
    } catch (StreamFault e) {
      LOG.log(System.Logger.Level.DEBUG, "could not say goodbye: {0}", e.getMessage());
    }
  }

  private void broke(String detail) {
    String where = "%s to %s at %s: ".formatted(pair.source(), pair.destination(), spec.peerData());
    voice.say(new Event.Broke(migration, pair.source(), where + detail));
  }
}
