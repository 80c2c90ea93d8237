package io.fermata.agent;

import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import java.util.function.Consumer;

/**
 * The data plane and the address that others reach it by.
 *
 * @param advertised as {@code address:port}
 */
record DataPorts(AgentPorts.Streams streams, String advertised, Runnable ending)
    implements AutoCloseable {

  static DataPorts open(
      HostDevices devices,
      AgentSettings.DataPlaneAddress address,
      AgentPorts.Clock clock,
      Consumer<Event> events) {
    String advertised = address.advertised() == null ? address.bind() : address.advertised();
    return new DataPorts(new NoStreams(events), advertised, () -> {});
  }

  @Override
  public void close() {
    ending.run();
  }

  /** Until there is a data plane: every stream breaks. */
  private record NoStreams(Consumer<Event> events) implements AgentPorts.Streams {
    @Override
    public void open(MigrationId migration, ClaimSpec spec, DeviceName device) {
      events.accept(new Event.Broke(migration, device, "this build has no data plane"));
    }

    @Override
    public void finish(MigrationId migration, DeviceName device, Stop stop) {
      events.accept(new Event.Broke(migration, device, "this build has no data plane"));
    }

    @Override
    public void expect(MigrationId migration, ClaimSpec spec) {}

    @Override
    public void drop(MigrationId migration) {}
  }
}
