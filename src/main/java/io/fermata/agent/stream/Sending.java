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
import io.fermata.wire.frame.FrameFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One device's image on its way out: one session of the device, one thread, and as many connections
 * as it takes. It reads whatever the device gives, while the guest still runs and after, until it
 * was told that the device has stopped and the device then has no more. A device that cannot be
 * read before it has stopped is connected before that all the same, and waited for. A connection
 * that breaks is replaced by another one, on which the same bytes go on: the device gives each of
 * them once.
 */
final class Sending implements Runnable {
  private static final System.Logger LOG = System.getLogger(Sending.class.getName());
  private static final int BEATS_PER_IDLE = 3;
  private static final long TRY_EVERY_MILLIS = 50;
  private static final long TRY_EVERY_MILLIS_FROZEN = 5;

  private final Means means;
  private final Lane lane;
  private final Voice voice;
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final DevicePair pair;
  private final boolean readable;
  private final ImageSum sum = new ImageSum();
  private final CountDownLatch woken = new CountDownLatch(1);
  private final CountDownLatch dropped = new CountDownLatch(1);
  private volatile @Nullable Wish wish;
  private volatile @Nullable Link open;

  // Below: only the stream's own thread.
  private final Meter meter;
  private final Window window;
  private final Packaging packaging;
  private final Outage outage;
  private FrameDecoder answers = FrameDecoder.ofControl();
  private String ticket = "";
  private Frame.@Nullable End last;
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
    this.readable = route.readable();
    this.meter = new Meter(means, voice, migration, pair.source());
    this.window = new Window(means.buffers(), means.settings().resuming().frames());
    this.packaging = new Packaging(means, lane);
    this.outage = new Outage(means);
  }

  /**
   * Which device of which claim goes out.
   *
   * @param readable whether it may be read before {@link #finish}
   */
  record Route(MigrationId migration, ClaimSpec spec, DevicePair pair, boolean readable) {}

  /** The image is to be brought to its end, under that stop; since when. */
  private record Wish(Stop stop, long nanos) {}

  /** The device is in STOP_COPY: the next time that it has no more, the image is whole. */
  void finish(Stop under) {
    wish = new Wish(under, means.clock().nanos()); // before the latch: who wakes up must find it
    woken.countDown();
  }

  /** Ends the stream as soon as its thread is out of the device; it says nothing more. */
  void drop() {
    voice.silence();
    woken.countDown();
    dropped.countDown();
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
    try (window;
        packaging) {
      int attempt = 0;
      while (!connectAndSend(attempt)) {
        attempt++;
      }
    } catch (StreamFault | FrameFault | DeviceFault e) {
      broke(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // the thread's outermost edge: nobody else would hear of it
      LOG.log(System.Logger.Level.ERROR, "a stream out ended by a mistake in the program", e);
      broke(e.toString());
    } finally {
      lane.leave();
    }
  }

  /** Over one connection; false if it broke and another one is to be tried. */
  private boolean connectAndSend(int attempt) {
    try (Link link = new Link(channel(), means, connectMillis(attempt))) {
      open = link;
      stillWanted(); // after the field is set: a drop() before that has not seen the link
      link.connect(endpoint().resolve());
      link.secureTowards(spec.peer());
      answers = FrameDecoder.ofControl(); // the last one may hold half a word
      if (attempt == 0) {
        greet(link);
      } else {
        comeBack(link, attempt);
      }
      link.perCall();
      pumpOrTell(link);
      return true;
    } catch (StreamFault e) {
      stillWanted();
      awaitTurn(e);
      return false;
    }
  }

  private long connectMillis(int attempt) {
    long idle = means.settings().idleMillis();
    return attempt == 0 ? idle : Math.clamp(outage.leftMillis(frozenNanos()), 1, idle);
  }

  private @Nullable Long frozenNanos() {
    Wish asked = wish;
    return asked == null ? null : (Long) asked.nanos();
  }

  /** Waits before the next connection, or throws what is the end of the stream. */
  private void awaitTurn(StreamFault fault) {
    boolean curable = fault.isOfTheConnection() || fault.code() == StreamFault.Code.BUSY;
    if (ticket.isEmpty() || !curable) {
      throw fault;
    }
    String why = String.valueOf(fault.getMessage());
    boolean anew = outage.broke(window.taken(), why);
    meter.stands(sum.bytes(), restarts);
    long left = outage.leftMillis(frozenNanos());
    if (left <= 0) {
      throw new StreamFault(
          fault.code(), outage.why() + "; no other way was found in time: " + why, fault);
    }
    LOG.log(
        anew ? System.Logger.Level.INFO : System.Logger.Level.DEBUG,
        "{0} of {1}: the connection broke, another one is tried: {2}",
        pair.source(),
        migration,
        why);
    long pause = wish == null ? TRY_EVERY_MILLIS : TRY_EVERY_MILLIS_FROZEN;
    try {
      if (dropped.await(Math.min(left, pause), TimeUnit.MILLISECONDS)) {
        stillWanted();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.DROPPED, "the agent ends", e);
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
    link.send(hello());
    Frame answer = link.receive(answers);
    if (!(answer instanceof Frame.Welcome welcome)
        || !means.versions().include(welcome.version())
        || welcome.frameBytes() <= 0) {
      throw refusedOr(answer);
    }
    frameBytes = Math.min(welcome.frameBytes(), means.settings().frameBytes());
    ticket = welcome.ticket();
    packaging.agree(welcome);
    sentAtNanos = means.clock().nanos();
  }

  private Frame.Hello hello() {
    return new Frame.Hello(
        means.versions(),
        migration,
        spec.token(),
        spec.peer(),
        pair.destination(),
        lane.device().profile().key());
  }

  /** The same stream over another connection: first what the last one swallowed. */
  private void comeBack(Link link, int attempt) {
    link.send(new Frame.Resume(hello(), ticket, attempt));
    hear(link);
    outage.over();
    link.perCall();
    try {
      window.again(frame -> {
        link.send(frame);
        means.pace().sent(migration, frame.limit() - HEADER_BYTES);
      });
    } catch (StreamFault e) {
      if (e.code() == StreamFault.Code.LOST) {
        tell(link, String.valueOf(e.getMessage()));
      }
      throw e;
    }
    sentAtNanos = means.clock().nanos();
  }

  /** How much the destination has in its device; anything else that it says is the end. */
  private void hear(Link link) {
    Frame answer = link.receive(answers);
    if (!(answer instanceof Frame.Taken taken)) {
      throw refusedOr(answer);
    }
    window.taken(taken.bytes());
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
    awaitReadable(link);
    Frame.End end = last;
    while (end == null) {
      // Before the read, or a device that was drained just before it stopped would pass for read to
      // its end.
      Wish asked = wish;
      boolean dry = sendPiece(link);
      meter.at(sum.bytes(), () -> asked == null ? left() : new Meter.Rest(null, restarts));
      if (dry && asked != null) {
        end = new Frame.End(asked.stop(), sum.bytes(), sum.sha256Hex());
        last = end; // the digest is made once, and said as often as a connection breaks
      } else if (dry) {
        pause(link, means.settings().drainMillis());
      }
    }
    end(link, end);
  }

  /** Connected and greeted; a read in any other state than those of a copy is an error. */
  private void awaitReadable(Link link) {
    while (!readable && wish == null) {
      pause(link, beatMillis()); // it is told: to look again and again would cost the others
    }
  }

  /** Sends at most one frame; answers whether the device has nothing now. */
  private boolean sendPiece(Link link) {
    means.pace().await(migration); // before the buffer: others need it meanwhile
    while (window.isFull()) {
      hear(link);
    }
    ByteBuffer buffer = means.buffers().take();
    boolean kept = false;
    try {
      boolean dry = fill(buffer.limit(HEADER_BYTES + frameBytes).position(HEADER_BYTES));
      int length = buffer.position() - HEADER_BYTES;
      if (length > 0) {
        sum.add(buffer.slice(HEADER_BYTES, length));
        packaging.seal(buffer);
        int wire = buffer.remaining() - HEADER_BYTES; // what a limit is for, and not the image
        kept = !ticket.isEmpty() && window.add(buffer, sum.bytes());
        link.send(buffer);
        means.pace().sent(migration, wire);
        sentAtNanos = means.clock().nanos();
      }
      return dry;
    } finally {
      if (!kept) {
        means.buffers().give(buffer);
      }
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

  /**
   * Nothing to read for now: a guest that runs goes on making changes, and read() must not be asked
   * in a loop. Sends the beat that is due, and waits for so long, or until it is woken.
   */
  private void pause(Link link, long millis) {
    if (means.millisSince(sentAtNanos) >= beatMillis()) {
      link.send(new Frame.Beat());
      sentAtNanos = means.clock().nanos();
    }
    try {
      if (woken.await(millis, TimeUnit.MILLISECONDS)) {
        stillWanted();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.DROPPED, "the agent ends", e);
    }
  }

  private long beatMillis() {
    return means.settings().idleMillis() / BEATS_PER_IDLE;
  }

  private void end(Link link, Frame.End end) {
    link.send(end);
    Frame answer = afterTaken(link);
    if (!(answer instanceof Frame.Done)) {
      throw refusedOr(answer);
    }
    ImageDigest image = new ImageDigest(pair.destination(), end.bytes(), end.sha256());
    voice.say(new Event.Sent(migration, pair.source(), end.stop(), image));
  }

  /** The next answer that does not say how much was taken. */
  private Frame afterTaken(Link link) {
    Frame answer = link.receive(answers);
    while (answer instanceof Frame.Taken taken) {
      window.taken(taken.bytes());
      answer = link.receive(answers);
    }
    return answer;
  }

  private void stillWanted() {
    if (voice.isSilent()) {
      throw new StreamFault(StreamFault.Code.DROPPED, "the stream was dropped");
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
      return refusedOr(afterTaken(link));
    } catch (StreamFault | FrameFault e) {
      LOG.log(System.Logger.Level.DEBUG, "no last word: {0}", e.getMessage());
      return broken;
    }
  }

  private static StreamFault refusedOr(Frame answer) {
    if (answer instanceof Frame.Refused refused) {
      boolean later = refused.code() == Frame.Refused.Code.BUSY;
      return new StreamFault(
          later ? StreamFault.Code.BUSY : StreamFault.Code.REFUSED,
          "the destination refused: " + refused);
    }
    return new StreamFault(StreamFault.Code.OUT_OF_TURN, "the destination answered " + answer);
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
