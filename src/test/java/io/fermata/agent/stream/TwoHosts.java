package io.fermata.agent.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A source and a destination with a data plane each, and what their loops would hear. */
final class TwoHosts implements AutoCloseable {
  static final MigrationId MIGRATION = new MigrationId("m0001");
  static final Stop STOP = new Stop("4f2a", 17);

  /** Limits short enough for a test to wait for; buffers fewer than the devices of a set. */
  static final StreamSettings SETTINGS =
      new StreamSettings("127.0.0.1:0", 64 << 10, 4, 1_000, 300, 20, 2);

  final Queue<Event> atSource = new ConcurrentLinkedQueue<>();
  final Queue<Event> atDestination = new ConcurrentLinkedQueue<>();
  final DataPlane source;
  final DataPlane destination;
  private final List<FakeDevice> from;
  private final List<FakeDevice> to;

  TwoHosts(FakeDevice from, FakeDevice to) {
    this(List.of(from), List.of(to));
  }

  TwoHosts(List<FakeDevice> from, List<FakeDevice> to) {
    this(from, to, new Doors(null, null));
  }

  TwoHosts(List<FakeDevice> from, List<FakeDevice> to, Doors doors) {
    this(from, to, doors, new Limits(SETTINGS, SETTINGS));
  }

  TwoHosts(List<FakeDevice> from, List<FakeDevice> to, Doors doors, Limits limits) {
    this(
        from,
        to,
        new Lines(line(doors.source(), from, limits), line(doors.destination(), to, limits)),
        limits);
  }

  TwoHosts(List<FakeDevice> from, List<FakeDevice> to, Lines lines, Limits limits) {
    this.from = from;
    this.to = to;
    this.source = plane(from, atSource, lines.source(), limits.source());
    this.destination = plane(to, atDestination, lines.destination(), limits.destination());
  }

  /** What each end does to bytes. */
  record Lines(DataPlane.Line source, DataPlane.Line destination) {}

  /** What each end was told. */
  record Limits(StreamSettings source, StreamSettings destination) {}

  /** How each end encrypts; null for not at all. */
  record Doors(TlsDoor source, TlsDoor destination) {}

  private static DataPlane.Line line(TlsDoor tls, List<FakeDevice> devices, Limits limits) {
    int frameBytes = Math.max(limits.source().frameBytes(), limits.destination().frameBytes());
    return new DataPlane.Line(
        new Pace(Pace.UNLIMITED, System::nanoTime),
        tls,
        Packs.have(devices.size(), frameBytes, Packs.Tally.NONE));
  }

  private static DataPlane plane(
      List<FakeDevice> devices, Queue<Event> heard, DataPlane.Line line, StreamSettings settings) {
    return new DataPlane(List.copyOf(devices), settings, System::nanoTime, heard::add, line);
  }

  String address() {
    return "127.0.0.1:" + destination.address().getPort();
  }

  ClaimSpec specOfSource(String address) {
    return spec("host-a", "host-b", address);
  }

  ClaimSpec specOfDestination() {
    return spec("host-b", "host-a", address());
  }

  private ClaimSpec spec(String self, String peer, String data) {
    List<DevicePair> pairs = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      pairs.add(new DevicePair(from.get(i).name(), to.get(i).name()));
    }
    return new ClaimSpec(
        "vm", pairs, new HostName(self), new HostName(peer), "http://x", data, "token", 1_000);
  }

  void expect() {
    destination.expect(MIGRATION, specOfDestination());
  }

  void open(String address) {
    open(address, true);
  }

  /** Connects before the devices can be read. */
  void openEarly(String address) {
    open(address, false);
  }

  private void open(String address, boolean readable) {
    ClaimSpec spec = specOfSource(address);
    from.forEach(device -> source.open(MIGRATION, spec, device.name(), readable));
  }

  void finish() {
    from.forEach(device -> source.finish(MIGRATION, device.name(), STOP));
  }

  /** Waits for that many events of that kind; fails early when a stream breaks unasked. */
  static <E extends Event> List<E> await(Queue<Event> events, Class<E> kind, int count) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < until) {
      List<E> found = heard(events, kind);
      if (found.size() >= count) {
        return found;
      }
      List<Event.Broke> broken = heard(events, Event.Broke.class);
      if (kind != Event.Broke.class && !broken.isEmpty()) {
        fail(broken.toString());
      }
      LockSupport.parkNanos(1_000_000);
    }
    return fail("%d of %s wanted, heard %s".formatted(count, kind.getSimpleName(), events));
  }

  static <E extends Event> List<E> heard(Queue<Event> events, Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Both sides heard of a broken stream; the details. */
  Details broken() {
    String here = await(atSource, Event.Broke.class, 1).getFirst().detail();
    String there = await(atDestination, Event.Broke.class, 1).getFirst().detail();
    assertEquals(List.of(), heard(atSource, Event.Sent.class));
    assertEquals(List.of(), heard(atDestination, Event.Arrived.class));
    return new Details(here, there);
  }

  record Details(String source, String destination) {}

  @Override
  public void close() {
    source.close();
    destination.close();
  }
}
