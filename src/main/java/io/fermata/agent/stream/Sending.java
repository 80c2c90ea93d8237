package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceFault;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameFault;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One device's image on its way out: one session of the device, one thread, one connection, and
 * another one when that breaks. It ends when the image is whole over there, when either side gives
 * up, or when no connection stood for too long.
 */
final class Sending implements Runnable {
  private static final System.Logger LOG = System.getLogger(Sending.class.getName());

  /** Refusals that time may cure. */
  private static final Set<Refused.Code> FOR_NOW =
      EnumSet.of(Refused.Code.BUSY, Refused.Code.EPOCH, Refused.Code.CROWDED);

  private static final int TRIES_PER_RESUME = 50;

  private final Means means;
  private final Lane lane;
  private final Voice voice;
  private final Route route;
  private final Secret secret;
  private final Wanted wanted;
  private final CountDownLatch dropped = new CountDownLatch(1);
  private volatile @Nullable Link open;

  // Below: only the stream's own thread.
  private @Nullable Outage outage;
  private @Nullable Refused refused;

  Sending(Means means, Lane lane, Voice voice, Route route) {
    this.means = means;
    this.lane = lane;
    this.voice = voice;
    this.route = route;
    this.secret =
        new Secret(route.migration(), route.spec(), Side.SOURCE, route.pair().destination());
    this.wanted = new Wanted(voice);
  }

  /**
   * Which device of which claim goes out.
   *
   * @param session names this sending of the image
   */
  record Route(MigrationId migration, ClaimSpec spec, DevicePair pair, String session) {}

  /** Since when there is no connection, and what ended the last one. */
  private record Outage(long sinceNanos, String why) {}

  /** What is proven to be true of a whole image. */
  static List<String> words(Stop stop, long bytes, String sha256) {
    return List.of(stop.toString(), Long.toString(bytes), sha256);
  }

  /** The device is in STOP_COPY: the next time that it has no more, the image is whole. */
  void finish(Stop under) {
    wanted.finish(under);
  }

  /** Ends the stream as soon as its thread is out of the device; it says nothing more. */
  void drop() {
    voice.silence();
    wanted.wake();
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
    try (Outgoing image = new Outgoing(means, lane.device(), voice, route, wanted)) {
      int attempt = 0;
      while (!connectAndSend(image, attempt)) {
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

  /** Over one connection; false if it broke and another one may be tried. */
  private boolean connectAndSend(Outgoing image, int attempt) {
    try (Link link = new Link(channel(), means, connectMillis())) {
      open = link;
      wanted.orFault(); // after the field is set: a drop() before that has not seen the link
      link.connect(endpoint().resolve());
      link.secureTowards(route.spec().peer());
      FrameDecoder answers = FrameDecoder.ofControl();
      image.welcomed(greet(link, answers, attempt, image.kind()));
      outage = null;
      link.perCall();
      sendOrTell(image, new Outgoing.Line(link, answers));
      return true;
    } catch (StreamFault e) {
      wanted.orFault();
      awaitTurn(e);
      return false;
    }
  }

  private long connectMillis() {
    Outage now = outage;
    long idle = means.settings().idleMillis();
    return now == null ? idle : Math.clamp(resumeLeft(now), 1, idle);
  }

  private long resumeLeft(Outage now) {
    return means.settings().resumeMillis() - means.millisSince(now.sinceNanos());
  }

  /** Pauses before the next connection, or says why there will be none. */
  private void awaitTurn(StreamFault fault) {
    Refused answer = refused;
    refused = null;
    boolean curable = fault.isOfTheConnection() || (answer != null && isForNow(answer));
    if (!curable) {
      throw fault;
    }
    Outage now = outage;
    if (now == null) {
      now = new Outage(means.clock().nanos(), String.valueOf(fault.getMessage()));
      outage = now;
    }
    long millis = means.settings().resumeMillis();
    if (resumeLeft(now) <= 0) {
      throw new StreamFault(
          fault.code(),
          now.why() + "; no way on was found within " + millis + " ms: " + fault.getMessage(),
          fault);
    }
    LOG.log(
        System.Logger.Level.INFO,
        "{0} of {1}: another connection is tried: {2}",
        route.pair().source(),
        route.migration(),
        fault.getMessage());
    try {
      if (dropped.await(1 + millis / TRIES_PER_RESUME, TimeUnit.MILLISECONDS)) {
        wanted.orFault();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.DROPPED, "the agent ends", e);
    }
  }

  private static boolean isForNow(Refused answer) {
    return FOR_NOW.contains(answer.code());
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
      return Endpoint.parse(route.spec().peerData());
    } catch (IllegalArgumentException e) {
      throw new StreamFault(StreamFault.Code.STRANGER, String.valueOf(e.getMessage()), e);
    }
  }

  private Frame.Welcome greet(Link link, FrameDecoder answers, int attempt, ImageSum.Kind kind) {
    long epoch = means.promises().apply(route.migration()).number();
    Pass pass = new Pass(route.session(), attempt, epoch, kind);
    link.send(
        new Frame.Hello(
            Frame.Versions.OURS,
            route.migration(),
            pass.text(secret),
            route.spec().peer(),
            route.pair().destination(),
            lane.device().profile().key()));
    Frame answer = link.receive(answers);
    if (!(answer instanceof Frame.Welcome welcome)
        || !Frame.Versions.OURS.include(welcome.version())
        || welcome.frameBytes() <= 0) {
      throw refusedOr(answer);
    }
    return welcome;
  }

  private void sendOrTell(Outgoing image, Outgoing.Line line) {
    try {
      Stop stop = image.send(line);
      close(image, stop, line);
    } catch (DeviceFault e) {
      broke(String.valueOf(e.getMessage())); // first: telling the peer may take a while
      tell(line.link(), String.valueOf(e.getMessage()));
    } catch (StreamFault e) {
      // A destination that refuses says why and closes: here that shows as a failed write, with its
      // word still unread.
      throw e.code() == StreamFault.Code.CONNECTION ? lastWord(line, e) : e;
    }
  }

  private void close(Outgoing image, Stop stop, Outgoing.Line line) {
    ImageDigest digest = image.digest();
    String proof = secret.proof(words(stop, digest.bytes(), digest.sha256()));
    line.link().send(new Frame.End(stop, digest.bytes(), digest.sha256(), proof));
    Frame answer = afterTaken(line);
    if (!(answer instanceof Frame.Done)) {
      throw refusedOr(answer);
    }
    voice.say(new Event.Sent(route.migration(), route.pair().source(), stop, digest));
  }

  /** The next answer that is not about how much is taken. */
  private static Frame afterTaken(Outgoing.Line line) {
    Frame answer = line.link().receive(line.answers());
    while (answer instanceof Frame.Taken) {
      answer = line.link().receive(line.answers());
    }
    return answer;
  }

  private StreamFault lastWord(Outgoing.Line line, StreamFault broken) {
    try {
      return refusedOr(afterTaken(line));
    } catch (StreamFault | FrameFault e) {
      LOG.log(System.Logger.Level.DEBUG, "no last word: {0}", e.getMessage());
      return broken;
    }
  }

  private StreamFault refusedOr(Frame answer) {
    if (answer instanceof Refused no) {
      refused = no;
    }
    return Outgoing.refusedOr(answer);
  }

  private static void tell(Link link, String detail) {
    try {
      link.send(new Frame.Abort(detail));
    } catch (StreamFault e) {
      LOG.log(System.Logger.Level.DEBUG, "could not say goodbye: {0}", e.getMessage());
    }
  }

  private void broke(String detail) {
    DevicePair pair = route.pair();
    String where =
        "%s to %s at %s: ".formatted(pair.source(), pair.destination(), route.spec().peerData());
    voice.say(new Event.Broke(route.migration(), pair.source(), where + detail));
  }
}
