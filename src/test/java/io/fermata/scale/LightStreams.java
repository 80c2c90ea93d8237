package io.fermata.scale;

import io.fermata.agent.AgentPorts;
import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Images that arrive as soon as they are sent; they have a digest and no bytes. */
final class LightStreams implements AgentPorts.Streams {
  private static final String DIGEST = "0".repeat(64);

  private final LightHost host;
  private final LightHosts others;
  private final Map<MigrationId, ClaimSpec> sending = new ConcurrentHashMap<>();

  LightStreams(LightHost host, LightHosts others) {
    this.host = host;
    this.others = others;
  }

  @Override
  public void open(MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable) {
    sending.put(migration, spec);
  }

  @Override
  public void finish(MigrationId migration, DeviceName device, Stop stop) {
    ClaimSpec spec = sending.get(migration);
    DeviceName there =
        spec.devices().stream()
            .filter(pair -> pair.source().equals(device))
            .map(DevicePair::destination)
            .findFirst()
            .orElseThrow();
    var image = new ImageDigest(there, 4096, DIGEST);
    // on a thread of its own: two hosts that wait for each other's turn would wait for ever
    others.later(() -> {
      others.host(spec.peer()).post(new Event.Arrived(migration, stop, image));
      host.post(new Event.Sent(migration, device, stop, image));
    });
  }

  @Override
  public void expect(MigrationId migration, ClaimSpec spec) {}

  @Override
  public void drop(MigrationId migration) {
    sending.remove(migration);
  }
}
