package io.fermata.bench;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * Data plane over loopback against a bare NIO copy of as many bytes on as many connections, in
 * turns in one run. A main and no test: the figures are for people to read.
 */
final class DataPlaneBench {
  private static final long BYTES = 1L << 30;
  private static final int PIECE = 256 << 10;
  private static final int ROUNDS = 5;

  private DataPlaneBench() {}

  public static void main(String[] args) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      for (int devices : new int[] {1, 8}) {
        double bare = gigabytesPerSecond(() -> bare(devices, BYTES / devices));
        double streams = gigabytesPerSecond(() -> streams(devices, BYTES / devices));
        System.out.printf(
            Locale.ROOT,
            "round %d, %d device(s), 1 GiB: bare NIO %.2f GB/s, data plane %.2f GB/s (x%.2f)%n",
            round,
            devices,
            bare,
            streams,
            streams / bare);
      }
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static double gigabytesPerSecond(Work work) throws IOException, InterruptedException {
    long start = System.nanoTime();
    work.run();
    return (double) BYTES / (System.nanoTime() - start);
  }

  private static void bare(int connections, long bytes) throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < connections; i++) {
        SocketChannel out = SocketChannel.open(listener.getLocalAddress());
        SocketChannel in = listener.accept();
        threads.add(Thread.ofPlatform().start(() -> copy(out, bytes, true)));
        threads.add(Thread.ofPlatform().start(() -> copy(in, bytes, false)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static void copy(SocketChannel channel, long bytes, boolean send) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    try (channel) {
      for (long left = bytes; left > 0; ) {
        if (!buffer.hasRemaining()) {
          buffer.clear();
        }
        left -= send ? channel.write(buffer) : channel.read(buffer);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void streams(int devices, long bytes) throws InterruptedException {
    MigrationId migration = new MigrationId("m0001");
    List<DeviceControl> from = new ArrayList<>();
    List<DeviceControl> to = new ArrayList<>();
    List<DevicePair> pairs = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      DeviceName name = new DeviceName("gpu" + i);
      from.add(new Memory(name, bytes));
      to.add(new Memory(name, 0));
      pairs.add(new DevicePair(name, name));
    }
    CountDownLatch done = new CountDownLatch(2 * devices);
    StreamSettings settings = StreamSettings.at("127.0.0.1:0");
    try (DataPlane source = plane(from, settings, done);
        DataPlane destination = plane(to, settings, done)) {
      HostName host = new HostName("host");
      String address = "127.0.0.1:" + destination.address().getPort();
      ClaimSpec spec = new ClaimSpec("vm", pairs, host, host, "", address, "token", 1_000);
      destination.expect(migration, spec);
      for (DevicePair pair : pairs) {
        source.open(migration, spec, pair.source());
        source.finish(migration, pair.source(), new Stop("bench", 1));
      }
      done.await();
    }
  }

  private static DataPlane plane(
      List<DeviceControl> devices, StreamSettings settings, CountDownLatch done) {
    return new DataPlane(
        devices,
        settings,
        System::nanoTime,
        event -> {
          switch (event) {
            case Event.Sent e -> done.countDown();
            case Event.Arrived e -> done.countDown();
            case Event.Broke e -> throw new IllegalStateException(e.detail());
            default -> {}
          }
        });
  }

  /** Gives and takes from one block of memory: one copy, as a driver does. */
  private static final class Memory implements DeviceControl {
    private final DeviceName name;
    private final ByteBuffer block = ByteBuffer.allocateDirect(PIECE);
    private long left;

    Memory(DeviceName name, long bytes) {
      this.name = name;
      this.left = bytes;
    }

    @Override
    public int read(ByteBuffer into) {
      int count = (int) Math.min(left, into.remaining());
      into.put(block.slice(0, count));
      left -= count;
      return count;
    }

    @Override
    public void write(ByteBuffer from) {
      block.clear().put(from);
    }

    @Override
    public DeviceName name() {
      return name;
    }

    @Override
    public DeviceProfile profile() {
      return new DeviceProfile("sim", "memory", "1", null);
    }

    @Override
    public Capabilities capabilities() {
      throw new IllegalStateException("not asked");
    }

    @Override
    public DeviceState state() {
      return DeviceState.STOP_COPY;
    }

    @Override
    public void move(DeviceState to) {
      throw new IllegalStateException("not asked");
    }

    @Override
    public void reset() {
      throw new IllegalStateException("not asked");
    }

    @Override
    public long dataSize() {
      return left;
    }

    @Override
    public PrecopyInfo precopy() {
      throw new IllegalStateException("not asked");
    }

    @Override
    public void close() {}
  }
}
