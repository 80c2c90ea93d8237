package io.fermata.agent.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes connections on, and does to their bytes what networks do. */
final class Relay implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress to;

  /** Byte of the source's stream that has one bit flipped. */
  volatile long flipAt = -1;

  /** After that many bytes of the source's stream both connections are cut. */
  volatile long cutAt = Long.MAX_VALUE;

  /** The same for what the destination says. */
  volatile long cutAnswersAt = Long.MAX_VALUE;

  /** How many connections are cut like that; later ones are left alone. */
  final AtomicInteger cuts = new AtomicInteger(Integer.MAX_VALUE);

  /** With the first cut nobody is there any more. */
  volatile boolean diesWithCut;

  /** After that many bytes nothing more is passed on, and nothing is closed. */
  volatile long stallAt = Long.MAX_VALUE;

  /** How many connections there were. */
  final AtomicInteger connections = new AtomicInteger();

  /** What the source and the destination said over the first connection. */
  final ByteArrayOutputStream asked = new ByteArrayOutputStream();

  final ByteArrayOutputStream answered = new ByteArrayOutputStream();

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
        boolean first = connections.getAndIncrement() == 0;
        Socket out = new Socket(to.getAddress(), to.getPort());
        var there = new Way(in, out, true, first ? asked : new ByteArrayOutputStream());
        var back = new Way(out, in, false, first ? answered : new ByteArrayOutputStream());
        Thread.ofPlatform().daemon().start(() -> pass(there));
        Thread.ofPlatform().daemon().start(() -> pass(back));
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  private record Way(Socket from, Socket into, boolean asks, ByteArrayOutputStream seen) {}

  private void pass(Way way) {
    byte[] bytes = new byte[65_536];
    long at = 0;
    try (Socket from = way.from();
        Socket into = way.into();
        InputStream in = from.getInputStream();
        OutputStream out = into.getOutputStream()) {
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        way.seen().write(bytes, 0, n);
        long end = way.asks() ? cutAt : cutAnswersAt;
        if (way.asks() && at + n > stallAt) {
          Thread.sleep(60_000);
        }
        if (way.asks() && flipAt >= at && flipAt < at + n) {
          bytes[(int) (flipAt - at)] ^= 4;
        }
        if (at + n > end && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          out.write(bytes, 0, (int) (end - at));
          if (diesWithCut) {
            listener.close();
          }
          return;
        }
        out.write(bytes, 0, n);
        at += n;
      }
    } catch (IOException | InterruptedException e) {
      // one side has closed: so does the other
    }
  }
}
