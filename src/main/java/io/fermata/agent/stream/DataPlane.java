package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameEncoder;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one host, both ways.
 *
 * <p>The methods of the port return at once and never throw. Events come from the streams' own
 * threads, while a lock is held that {@link #drop} needs too: so the consumer must only put them
 * aside, and must not block.
 */
public final class DataPlane implements AgentPorts.Streams, AutoCloseable {
  private final Map<DeviceName, Lane> lanes;
  private final Consumer<Event> events;
  private final Means means;
  private final Watch watch;
  private final Refusals refusals = new Refusals();
  private final Expectations expectations;
  private final Door door;
  private final Map<MigrationId, Map<DeviceName, Sending>> sendings = new HashMap<>();

  /** Listens at once; a setting that cannot be bound is a fault that names it. */
  public DataPlane(
      List<DeviceControl> devices,
      StreamSettings settings,
      AgentPorts.Clock clock,
      Consumer<Event> events) {
    this(devices, settings, clock, events, new Pace(Pace.UNLIMITED, clock), null);
  }

  /** The same with a limit to what goes out, and encrypted unless {@code tls} is null. */
  public DataPlane(
      List<DeviceControl> devices,
      StreamSettings settings,
      AgentPorts.Clock clock,
      Consumer<Event> events,
      Pace pace,
      @Nullable TlsDoor tls) {
    this(
        devices,
        settings,
        clock,
        events,
        new Line(pace, tls, Packs.have(devices.size(), settings.frameBytes(), Packs.Tally.NONE)));
  }

  /**
   * What is done to bytes on their way.
   *
   * @param pace how fast they go out
   * @param tls null where they are not encrypted
   * @param packs what can be packed; with room for that many devices and for the settings' frames
   */
  public record Line(Pace pace, @Nullable TlsDoor tls, Packs packs) {}

  /** The same over that line. */
  public DataPlane(
      List<DeviceControl> devices,
      StreamSettings settings,
      AgentPorts.Clock clock,
      Consumer<Event> events,
      Line line) {
    this.lanes =
        devices.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    DeviceControl::name, device -> new Lane(device, line.packs().scratch())));
    this.events = events;
    StreamSettings.Resuming resuming = settings.resuming();
    long shortest =
        resuming.frozenMillis() > 0
            ? Math.min(settings.graceMillis(), resuming.frozenMillis())
            : settings.graceMillis();
    this.watch = new Watch(clock, shortest);
    BufferPool buffers =
        new BufferPool(
            settings.buffers(),
            resuming.isOn() ? resuming.buffers() : 0,
            settings.frameBytes() + FrameEncoder.HEADER_BYTES);
    this.means =
        new Means(
            settings,
            clock,
            buffers,
            watch,
            new Crew(),
            line.pace(),
            line.tls(),
            line.packs(),
            new AtomicLong());
    this.expectations = new Expectations(lanes, settings.graceMillis());
    this.door = new Door(means, expectations, refusals);
    watch.start();
    door.start();
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return door.address();
  }

  /** How many connections were refused for that reason. */
  public long refused(Refused.Code code) {
    return refusals.of(code);
  }

  @Override
  public synchronized void open(
      MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable) {
    Optional<DevicePair> pair =
        spec.devices().stream().filter(p -> p.source().equals(device)).findFirst();
    Lane lane = lanes.get(device);
    if (pair.isEmpty() || lane == null) {
      events.accept(new Event.Broke(migration, device, device + " is not on this host"));
      return;
    }
    Sending.Route route = new Sending.Route(migration, spec, pair.get(), readable);
    Sending sending = new Sending(means, lane, new Voice(events), route);
    Sending before = sendings.computeIfAbsent(migration, m -> new TreeMap<>()).put(device, sending);
    if (before != null) {
      before.drop();
    }
    means.crew().start("stream-out-" + device, sending);
  }

  @Override
  public synchronized void finish(MigrationId migration, DeviceName device, Stop stop) {
    Sending sending = sendings.getOrDefault(migration, Map.of()).get(device);
    if (sending == null) {
      events.accept(new Event.Broke(migration, device, device + " has no open stream"));
      return;
    }
    sending.finish(stop);
  }

  @Override
  public void expect(MigrationId migration, ClaimSpec spec) {
    expectations.expect(new Expectation(means, migration, spec, new Voice(events)));
  }

  @Override
  public synchronized void drop(MigrationId migration) {
    sendings.getOrDefault(migration, Map.of()).values().forEach(Sending::drop);
    sendings.remove(migration);
    means.pace().forget(migration);
    expectations.drop(migration);
  }

  /** Limits what one migration sends from here, at once; 0 for no limit. */
  public void limit(MigrationId migration, long bytesPerSecond) {
    means.pace().limit(migration, bytesPerSecond);
  }

  /** Drops everything and stops listening. Threads end once they are out of their devices. */
  @Override
  public synchronized void close() {
    door.close();
    List.copyOf(sendings.keySet()).forEach(this::drop);
    expectations.dropAll();
    watch.close();
  }

  /** For tests: how many buffers are in use. */
  int buffersTaken() {
    return means.buffers().taken();
  }
}
