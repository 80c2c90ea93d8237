package io.fermata.agent;

import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.handover.Event;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The data plane and the address that others reach it by.
 *
 * @param advertised as {@code address:port}
 */
record DataPorts(DataPlane streams, String advertised) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DataPorts.class.getName());

  static DataPorts open(
      HostDevices devices,
      AgentSettings.DataPlaneAddress address,
      AgentPorts.Clock clock,
      Consumer<Event> events) {
    var all = List.copyOf(devices.devices().values());
    var settings = StreamSettings.at(address.bind());
    var pace = new Pace(address.bytesPerSecond(), clock);
    var plane = new DataPlane(all, settings, clock, events, pace, tls(address));
    return new DataPorts(plane, advertised(address, plane.address()));
  }

  private static @Nullable TlsDoor tls(AgentSettings.DataPlaneAddress address) {
    if (address.tls() == AgentSettings.Tls.REQUIRED) {
      return new TlsDoor(address.files());
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "fermata.agent.data-plane.tls is off: device state goes over the network in the clear");
    return null;
  }

  /** A port of 0 stands for the one that was taken. */
  private static String advertised(AgentSettings.DataPlaneAddress address, InetSocketAddress at) {
    String told = address.advertised() == null ? address.bind() : address.advertised();
    return told.replaceFirst(":0$", ":" + at.getPort());
  }

  @Override
  public void close() {
    streams.close();
  }
}
