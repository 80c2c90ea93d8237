package io.fermata.bench;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.stream.Compression;
import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The data planes of two hosts, made once, and image after image between them. */
final class PlanePair implements AutoCloseable {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");

  private final List<Memory> from = new ArrayList<>();
  private final List<DevicePair> pairs = new ArrayList<>();
  private final DataPlane source;
  private final DataPlane destination;
  private volatile CountDownLatch done = new CountDownLatch(0);
  private int moves;

  PlanePair(int devices, @Nullable TlsDoor home, @Nullable TlsDoor far) {
    this(devices, home, far, Compression.NONE);
  }

  /** The same where the source packs. */
  PlanePair(int devices, @Nullable TlsDoor home, @Nullable TlsDoor far, Compression compression) {
    List<DeviceControl> to = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      DeviceName name = new DeviceName("gpu" + i);
      from.add(new Memory(name, 0));
      to.add(new Memory(name, 0));
      pairs.add(new DevicePair(name, name));
    }
    StreamSettings settings = StreamSettings.at("127.0.0.1:0");
    source = plane(List.copyOf(from), settings.with(compression), home);
    destination = plane(to, settings, far);
  }

  private DataPlane plane(
      List<DeviceControl> devices, StreamSettings settings, @Nullable TlsDoor tls) {
    Pace pace = new Pace(Pace.UNLIMITED, System::nanoTime);
    return new DataPlane(devices, settings, System::nanoTime, this::heard, pace, tls);
  }

  private void heard(Event event) {
    if (event instanceof Event.Sent || event instanceof Event.Arrived) {
      done.countDown();
    } else if (event instanceof Event.Broke broke) {
      throw new IllegalStateException(broke.detail());
    }
  }

  /** What is moved from now on can be packed to about a half. */
  PlanePair halfNoise() {
    from.forEach(Memory::halfNoise);
    return this;
  }

  void run(long bytesEach) throws InterruptedException {
    moves++;
    MigrationId migration = new MigrationId("m%04d".formatted(moves));
    done = new CountDownLatch(2 * pairs.size());
    String address = "127.0.0.1:" + destination.address().getPort();
    ClaimSpec spec = new ClaimSpec("vm", pairs, A, B, "", address, "token", 1_000);
    destination.expect(migration, new ClaimSpec("vm", pairs, B, A, "", address, "token", 1_000));
    from.forEach(device -> device.fill(bytesEach));
    for (DevicePair pair : pairs) {
      source.open(migration, spec, pair.source(), true);
      source.finish(migration, pair.source(), new Stop("bench", moves));
    }
    done.await();
    source.drop(migration);
    destination.drop(migration);
  }

  @Override
  public void close() {
    source.close();
    destination.close();
  }
}
