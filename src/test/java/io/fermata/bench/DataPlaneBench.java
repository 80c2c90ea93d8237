package io.fermata.bench;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.stream.Certificates;
import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsWire;
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
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Data plane over loopback against a bare NIO copy of as many bytes on as many connections, in
 * turns in one run. A main and no test: the figures are for people to read.
 */
final class DataPlaneBench {
  private static final long BYTES = 128L << 20;
  private static final int PIECE = 256 << 10;
  private static final int ROUNDS = 6;

  private DataPlaneBench() {}

  public static void main(String[] args) throws Exception {
    Certificates made = new Certificates(Files.createTempDirectory("fermata-bench-"));
    TlsDoor source = new TlsDoor(made.files("host-a", "host-b"));
    TlsDoor destination = new TlsDoor(made.files("host-b", "host-a"));
    for (int devices : new int[] {1, 8}) {
      long each = BYTES / devices;
      Map<String, List<Double>> rates = new LinkedHashMap<>();
      for (int round = 0; round < ROUNDS; round++) {
        measured(rates, "bare NIO", () -> bare(devices, each, null, null));
        measured(rates, "data plane, plain", () -> streams(devices, each, null, null));
        measured(rates, "bare TLS", () -> bare(devices, each, source, destination));
        measured(rates, "data plane, TLS", () -> streams(devices, each, source, destination));
      }
      tell(devices, rates, "data plane, plain", "bare NIO");
      tell(devices, rates, "data plane, TLS", "bare TLS");
    }
    Figure.of("SHA-256 alone, one core", 50, digests(), "GB/s", "-", "-").tell();
    System.exit(0);
  }

  private static void measured(Map<String, List<Double>> rates, String name, Work work)
      throws IOException, InterruptedException {
    double rate = gigabytesPerSecond(work);
    rates.computeIfAbsent(name, n -> new ArrayList<>()).add(rate);
  }

  /** Without the first round, in which the code is compiled. */
  private static void tell(
      int devices, Map<String, List<Double>> rates, String name, String baseline) {
    List<Double> own = rates.get(name).subList(1, ROUNDS);
    List<Double> bare = rates.get(baseline).subList(1, ROUNDS);
    String beside = "%s %.2f GB/s".formatted(baseline, Figure.at(50, bare));
    Figure.of("%s, %d stream(s)".formatted(name, devices), 50, own, "GB/s", beside, "-").tell();
    List<Double> ratio = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      ratio.add(own.get(i) / bare.get(i));
    }
    Figure.of("  over " + baseline, 50, ratio, "x", beside, ">= 0.9").tell();
  }

  private static List<Double> digests() throws NoSuchAlgorithmException {
    ByteBuffer block = ByteBuffer.allocateDirect(PIECE);
    List<Double> rates = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long start = System.nanoTime();
      for (long left = BYTES / 4; left > 0; left -= PIECE) {
        digest.update(block.duplicate());
      }
      byte[] sum = digest.digest();
      rates.add(sum.length == 0 ? 0.0 : BYTES / 4.0 / (System.nanoTime() - start));
    }
    return rates.subList(1, ROUNDS);
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static double gigabytesPerSecond(Work work) throws IOException, InterruptedException {
    long start = System.nanoTime();
    work.run();
    return (double) BYTES / (System.nanoTime() - start);
  }

  private static void bare(int connections, long bytes, TlsDoor source, TlsDoor destination)
      throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < connections; i++) {
        SocketChannel out = SocketChannel.open(listener.getLocalAddress());
        SocketChannel in = listener.accept();
        threads.add(
            Thread.ofPlatform()
                .start(() ->
                    copy(() -> source == null ? out : wide(source.connect(out)), bytes, true)));
        threads.add(
            Thread.ofPlatform()
                .start(() ->
                    copy(
                        () -> destination == null ? in : wide(destination.accept(in)),
                        bytes,
                        false)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private interface Opening {
    ByteChannel open() throws IOException;
  }

  private static TlsWire wide(TlsWire wire) {
    wire.widen();
    return wire;
  }

  private static void copy(Opening opening, long bytes, boolean send) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    try (ByteChannel channel = opening.open()) {
      for (long left = bytes; left > 0; ) {
        if (!buffer.hasRemaining()) {
          buffer.clear();
        }
        buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + left));
        left -= send ? channel.write(buffer) : channel.read(buffer);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void streams(int devices, long bytes, TlsDoor home, TlsDoor far)
      throws InterruptedException {
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
    try (DataPlane source = plane(from, settings, done, home);
        DataPlane destination = plane(to, settings, done, far)) {
      HostName a = new HostName("host-a");
      HostName b = new HostName("host-b");
      String address = "127.0.0.1:" + destination.address().getPort();
      ClaimSpec spec = new ClaimSpec("vm", pairs, a, b, "", address, "token", 1_000);
      destination.expect(migration, new ClaimSpec("vm", pairs, b, a, "", address, "token", 1_000));
      for (DevicePair pair : pairs) {
        source.open(migration, spec, pair.source());
        source.finish(migration, pair.source(), new Stop("bench", 1));
      }
      done.await();
    }
  }

  private static DataPlane plane(
      List<DeviceControl> devices, StreamSettings settings, CountDownLatch done, TlsDoor tls) {
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
        },
        new Pace(Pace.UNLIMITED, System::nanoTime),
        tls);
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
