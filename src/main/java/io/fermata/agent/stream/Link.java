package io.fermata.agent.stream;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsWire;
import io.fermata.handover.HostName;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import io.fermata.wire.frame.FrameFault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection: blocks, and breaks when the peer is silent for too long. One thread sends and
 * receives; any thread may close it, which wakes the first.
 */
final class Link implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Link.class.getName());

  private final SocketChannel channel;
  private final Means means;
  private volatile ByteChannel wire;
  private volatile @Nullable TlsWire tls;
  private volatile long sinceNanos;
  private volatile long limitMillis;
  private volatile boolean waiting;
  private volatile boolean patient;
  private volatile @Nullable String expired;

  /**
   * @param limitMillis for the whole of what comes before {@link #perCall}
   */
  Link(SocketChannel channel, Means means, long limitMillis) {
    this.channel = channel;
    this.wire = channel;
    this.means = means;
    this.limitMillis = limitMillis;
    this.sinceNanos = means.clock().nanos();
    means.watch().add(this);
  }

  /** From now on every call has the idle limit to itself. */
  void perCall() {
    limitMillis = means.settings().idleMillis();
    patient = true;
    TlsWire secured = tls;
    if (secured != null) {
      secured.widen();
    }
  }

  /** The end that connects, if the data plane is encrypted: only that host will do. */
  void secureTowards(HostName host) {
    TlsDoor door = means.tls();
    if (door != null) {
      secure(door::connect);
      peerOtherThan(host)
          .ifPresent(other -> {
            throw new StreamFault(
                StreamFault.Code.CONNECTION,
                "the certificate there is that of " + other + ", not of " + host);
          });
    }
  }

  /** The end that listens, if the data plane is encrypted. */
  void secureFromAnybody() {
    TlsDoor door = means.tls();
    if (door != null) {
      secure(door::accept);
    }
  }

  private interface Handshake {
    TlsWire with(SocketChannel channel) throws IOException;
  }

  private void secure(Handshake handshake) {
    call(() -> {
      TlsWire secured = handshake.with(channel);
      tls = secured;
      wire = secured;
      return 0;
    });
  }

  /** The host that proved to be at the other end, if it is not that one; empty without TLS. */
  Optional<String> peerOtherThan(HostName host) {
    TlsWire secured = tls;
    return Optional.ofNullable(secured).map(TlsWire::peer).filter(p -> !p.equals(host.value()));
  }

  void connect(InetSocketAddress to) {
    if (to.isUnresolved()) {
      throw new StreamFault(StreamFault.Code.CONNECTION, "no such host");
    }
    call(() -> {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(to);
      return 0;
    });
  }

  void send(Frame frame) {
    send(FrameEncoder.encode(frame));
  }

  void send(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      call(() -> wire.write(bytes));
    }
  }

  /** The next frame; a fault when the peer closes first, between two frames or inside one. */
  Frame receive(FrameDecoder decoder) {
    while (true) {
      Frame frame = decoder.next();
      if (frame != null) {
        return frame;
      }
      ByteBuffer space = decoder.space();
      if (call(() -> wire.read(space)) < 0) {
        throw ended(decoder);
      }
    }
  }

  private static StreamFault ended(FrameDecoder decoder) {
    try {
      decoder.end();
      return new StreamFault(StreamFault.Code.ENDED, "the peer closed before the end of the image");
    } catch (FrameFault e) {
      return new StreamFault(StreamFault.Code.ENDED, String.valueOf(e.getMessage()), e);
    }
  }

  /** Called by the watch. */
  void expireIfIdle(long nowNanos) {
    long idleMillis = NANOSECONDS.toMillis(nowNanos - sinceNanos);
    if (waiting && idleMillis > limitMillis) {
      expired = "the peer took and gave nothing for " + idleMillis + " ms";
      close();
    }
  }

  @Override
  public void close() {
    means.watch().remove(this);
    try {
      channel.close(); // also where the handshake is under way, and there is no wire yet
      wire.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a connection of the data plane", e);
    }
  }

  private interface Call {
    int run() throws IOException;
  }

  private int call(Call call) {
    if (patient) {
      sinceNanos = means.clock().nanos();
    }
    waiting = true;
    try {
      return call.run();
    } catch (IOException e) {
      String why = expired;
      throw why != null
          ? new StreamFault(StreamFault.Code.IDLE, why, e)
          : new StreamFault(StreamFault.Code.CONNECTION, reason(e), e);
    } finally {
      waiting = false;
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
  }
}
