package io.fermata.agent.stream;

import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The listener: lets those in who can say whose they are. A stranger costs one thread and a few
 * kilobytes, for the grace at most, and there are never more than {@value #STRANGERS_MAX} of them.
 */
final class Door implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Door.class.getName());
  private static final int STRANGERS_MAX = 256;
  private static final int BACKLOG = 1024;
  private static final long PAUSE_MILLIS = 100;

  private final Means means;
  private final Expectations expectations;
  private final Refusals refusals;
  private final ServerSocketChannel listener;
  private final InetSocketAddress address;
  private final Set<Link> strangers = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(STRANGERS_MAX);
  private final CountDownLatch closed = new CountDownLatch(1);

  Door(Means means, Expectations expectations, Refusals refusals) {
    this.means = means;
    this.expectations = expectations;
    this.refusals = refusals;
    String bind = means.settings().bind();
    try {
      this.listener = listen(Endpoint.parse(bind).resolve());
      this.address = (InetSocketAddress) listener.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "fermata.agent.data-plane.bind " + bind + ": " + e.getMessage(), e);
    }
  }

  private static ServerSocketChannel listen(InetSocketAddress at) throws IOException {
    if (at.isUnresolved()) {
      throw new UnknownHostException("no such host");
    }
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      return listener.bind(at, BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  InetSocketAddress address() {
    return address;
  }

  void start() {
    Thread.ofPlatform().daemon().name("data-plane-accept").start(this::run);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listener.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing the data plane's listener", e);
    }
    strangers.forEach(Link::close);
  }

  private void run() {
    boolean open = true;
    while (open) {
      try {
        receive(listener.accept());
      } catch (ClosedChannelException e) {
        open = false;
      } catch (IOException e) { // such as no descriptor left: those who wait must not be lost
        LOG.log(System.Logger.Level.WARNING, "accepting a stream: {0}", e.getMessage());
        open = pause();
      }
    }
  }

  private boolean pause() {
    try {
      return !closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void receive(SocketChannel channel) throws IOException {
    String peer;
    try {
      peer = String.valueOf(channel.getRemoteAddress());
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    if (!places.tryAcquire()) {
      refusals.count(Refused.Code.CROWDED);
      channel.close();
      return;
    }
    Link link = new Link(channel, means, means.settings().graceMillis());
    strangers.add(link);
    means.crew().start("stream-in", () -> serve(link, peer));
  }

  private void serve(Link link, String peer) {
    try (link) {
      Admission admission = admit(link);
      link.perCall(); // the grace may be used up by now, and the answer still has to go out
      switch (admission) {
        case Admission.Taken taken -> take(taken, link, peer);
        case Admission.Turned turned -> turnAway(turned.refused(), link, peer);
      }
    } catch (StreamFault e) { // before anybody was named
      LOG.log(System.Logger.Level.DEBUG, "a stranger at the data plane left: {0}", e.getMessage());
    } catch (RuntimeException e) { // the thread's outermost edge
      LOG.log(System.Logger.Level.ERROR, "a stream in ended by a mistake in the program", e);
    }
  }

  private Admission admit(Link link) {
    try (FrameDecoder decoder = FrameDecoder.ofControl()) {
      link.secureFromAnybody();
      Frame frame = link.receive(decoder);
      if (frame instanceof Frame.Resume resume) {
        return expectations.resume(resume, link);
      }
      return frame instanceof Frame.Hello hello
          ? expectations.admit(hello, link)
          : new Admission.Turned(new Refused(Refused.Code.FRAME, "a stream starts with a hello"));
    } catch (FrameFault e) {
      return new Admission.Turned(new Refused(Refused.Code.FRAME, String.valueOf(e.getMessage())));
    } finally {
      strangers.remove(link);
      places.release();
    }
  }

  private void take(Admission.Taken taken, Link link, String peer) {
    Thread.currentThread().setName("stream-in-" + taken.lane().device().name());
    Receiving receiving = new Receiving(means, taken, link, peer);
    if (!taken.lane().enter(means.settings().graceMillis())) {
      refusals.count(Refused.Code.BUSY);
      receiving.turnAway().ifPresent(receiving::awaitAnother);
      return;
    }
    Optional<StreamFault> lost;
    try {
      lost = receiving.run();
    } finally {
      taken.lane().leave();
    }
    lost.ifPresent(receiving::awaitAnother); // without the lane: the next connection needs it
  }

  private void turnAway(Refused refused, Link link, String peer) {
    refusals.count(refused.code());
    LOG.log(System.Logger.Level.WARNING, "a stream from {0} was refused: {1}", peer, refused);
    link.send(refused);
  }
}
