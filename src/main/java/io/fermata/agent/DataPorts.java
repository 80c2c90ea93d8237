package io.fermata.agent;

import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsIdentity;
import io.fermata.handover.Epoch;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.wire.tls.ProcessIdentity;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The data plane and the address that others reach it by.
 *
 * @param advertised as {@code address:port}
 */
record DataPorts(DataPlane streams, String advertised) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DataPorts.class.getName());

  /**
   * What a data plane is tied to on its host.
   *
   * @param proof who this host is, unless the data plane has files of its own
   */
  record Ties(
      AgentPorts.Clock clock, Function<MigrationId, Epoch> promises, ProcessIdentity proof) {}

  static DataPorts open(
      HostDevices devices, AgentSettings told, Consumer<Event> events, Ties ties) {
    AgentSettings.DataPlaneAddress address = told.dataPlane();
    var all = List.copyOf(devices.devices().values());
    var settings = StreamSettings.at(address.bind(), address.frameSums());
    var pace = new Pace(address.bytesPerSecond(), ties.clock());
    var bonds = new DataPlane.Bonds(ties.clock(), pace, tls(told, ties.proof()), ties.promises());
    var plane = new DataPlane(all, settings, events, bonds);
    return new DataPorts(plane, advertised(address, plane.address()));
  }

  /** An agent that can prove who it is encrypts, unless it was told not to. */
  private static @Nullable TlsDoor tls(AgentSettings told, ProcessIdentity proof) {
    AgentSettings.DataPlaneAddress address = told.dataPlane();
    boolean own = address.hasFiles();
    boolean wanted = address.tls() != AgentSettings.Tls.OFF && (own || proof.secured());
    if (wanted) {
      return new TlsDoor(own ? address.files() : new TlsIdentity(proof));
    }
    if (address.tls() == AgentSettings.Tls.REQUIRED) {
      throw new AgentMisconfigured(
          List.of(
              "fermata.agent.data-plane: tls is required, so fermata.identity, or certificate,"
                  + " private-key and authorities here, must name PEM files"));
    }
    if (address.tls() == null && told.kind() == AgentSettings.Backend.KERNEL) {
      throw new AgentMisconfigured(
          List.of(
              "fermata.agent.data-plane.tls: missing; without fermata.identity it is 'required' with"
                  + " files here, or 'off' where the network is trusted with guests' memory"));
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
