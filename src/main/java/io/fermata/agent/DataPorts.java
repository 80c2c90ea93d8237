package io.fermata.agent;

import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.handover.Event;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * The data plane and the address that others reach it by.
 *
 * @param advertised as {@code address:port}
 */
record DataPorts(DataPlane streams, String advertised) implements AutoCloseable {

  static DataPorts open(
      HostDevices devices,
      AgentSettings.DataPlaneAddress address,
      AgentPorts.Clock clock,
      Consumer<Event> events) {
    var all = List.copyOf(devices.devices().values());
    var plane = new DataPlane(all, StreamSettings.at(address.bind()), clock, events);
    return new DataPorts(plane, advertised(address, plane.address()));
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
