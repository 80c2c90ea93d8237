package io.fermata.agent.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on, and does to their bytes what networks do. */
final class Relay implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress to;

  /** Byte of the source's stream that has one bit flipped. */
  volatile long flipAt = -1;

  /** After that many bytes of the source's stream both connections are cut. */
  volatile long cutAt = Long.MAX_VALUE;

  /** How many connections are still to be cut. */
  final AtomicInteger cuts = new AtomicInteger(Integer.MAX_VALUE);

  /** After that many bytes of the destination's answers both connections are cut. */
  volatile long cutAnswersAt = Long.MAX_VALUE;

  /** How many connections came. */
  final AtomicInteger connections = new AtomicInteger();

  /** How much of the first connection went which way. */
  final AtomicLong asked = new AtomicLong();

  final AtomicLong answered = new AtomicLong();

  /** Whether nobody gets through any more. */
  volatile boolean closed;

  /** After that many bytes nothing more is passed on, and nothing is closed. */
  volatile long stallAt = Long.MAX_VALUE;

  Relay(InetSocketAddress to) throws IOException {
    this.to = to;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("relay").start(this::run);
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void run() {
    try {
      while (true) {
        Socket in = listener.accept();
        if (closed) {
          in.close();
          continue;
        }
        boolean first = connections.getAndIncrement() == 0;
        Socket out = new Socket(to.getAddress(), to.getPort());
        Thread.ofPlatform()
            .daemon()
            .start(() -> pass(in, out, first ? asked : new AtomicLong(), true));
        Thread.ofPlatform()
            .daemon()
            .start(() -> pass(out, in, first ? answered : new AtomicLong(), false));
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  private void pass(Socket from, Socket into, AtomicLong passed, boolean spoil) {
    byte[] bytes = new byte[65_536];
    long at = 0;
    try (from;
        into;
        InputStream in = from.getInputStream();
        OutputStream out = into.getOutputStream()) {
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        if (spoil && at + n > stallAt) {
          Thread.sleep(60_000);
        }
        if (spoil && flipAt >= at && flipAt < at + n) {
          bytes[(int) (flipAt - at)] ^= 4;
        }
        long cut = spoil ? cutAt : cutAnswersAt;
        if (at + n > cut && cuts.getAndDecrement() > 0) {
          out.write(bytes, 0, (int) Math.max(0, cut - at));
          return;
        }
        out.write(bytes, 0, n);
        at += n;
        passed.set(at);
      }
    } catch (IOException | InterruptedException e) {
      // one side has closed: so does the other
    }
  }
}
