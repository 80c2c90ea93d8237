package io.fermata.bench;

import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsWire;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The least that moves bytes from devices to devices: a thread for each end, one buffer, and no
 * word about what moves. It reads and writes the same devices as the data plane does.
 *
 * @param checked whether each end also makes a CRC32C of each piece and a SHA-256 of all
 */
record BareCopy(@Nullable TlsDoor source, @Nullable TlsDoor destination, boolean checked) {
  private interface Opening {
    ByteChannel open() throws IOException;
  }

  void run(int connections, long bytes) throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < connections; i++) {
        DeviceName name = new DeviceName("gpu" + i);
        SocketChannel out = SocketChannel.open(listener.getLocalAddress());
        SocketChannel in = listener.accept();
        Opening there = () -> source == null ? out : wide(source.connect(out));
        Opening here = () -> destination == null ? in : wide(destination.accept(in));
        threads.add(Thread.ofPlatform().start(() -> send(there, new Memory(name, bytes))));
        threads.add(Thread.ofPlatform().start(() -> receive(here, new Memory(name, 0))));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static TlsWire wide(TlsWire wire) {
    wire.widen();
    return wire;
  }

  private void send(Opening opening, Memory device) {
    MessageDigest sum = sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(Memory.BLOCK);
    try (ByteChannel channel = opening.open()) {
      while (device.read(buffer.clear()) > 0) {
        buffer.flip();
        add(sum, buffer);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
      tell(sum);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void receive(Opening opening, Memory device) {
    MessageDigest sum = sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(Memory.BLOCK);
    try (ByteChannel channel = opening.open()) {
      boolean open = true;
      while (open) {
        open = channel.read(buffer) >= 0;
        if (!open || !buffer.hasRemaining()) {
          buffer.flip();
          add(sum, buffer);
          device.write(buffer);
          buffer.clear();
        }
      }
      tell(sum);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void add(MessageDigest sum, ByteBuffer piece) {
    if (checked) {
      CRC32C crc = new CRC32C();
      crc.update(piece.duplicate());
      sum.update((byte) crc.getValue());
      sum.update(piece.duplicate());
    }
  }

  /** So that nobody may leave the sums out. */
  private static void tell(MessageDigest sum) {
    if (sum.digest().length == 0) {
      throw new IllegalStateException("a digest without bytes");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
