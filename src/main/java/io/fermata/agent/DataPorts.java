package io.fermata.agent;

import io.fermata.agent.stream.DataPlane;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.Packs;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsIdentity;
import io.fermata.handover.Event;
import io.fermata.wire.tls.ProcessIdentity;
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

  /**
   * @param proof who this host is, which its streams prove too unless they have files of their own
   * @throws AgentMisconfigured if it should be encrypted or packed and cannot, or nobody decided on
   *     the former
   */
  static DataPorts open(
      HostDevices devices,
      AgentSettings told,
      AgentPorts.Clock clock,
      Consumer<Event> events,
      ProcessIdentity proof,
      Packs.Tally tally) {
    AgentSettings.DataPlaneAddress address = told.dataPlane();
    var all = List.copyOf(devices.devices().values());
    long idle = address.idle(told.timings().hop()).toMillis();
    var settings =
        StreamSettings.at(address.bind(), idle, address.grace().toMillis())
            .with(address.resuming())
            .with(CompressionEntry.all(address.compression()));
    var line =
        new DataPlane.Line(
            new Pace(address.bytesPerSecond(), clock),
            tls(told, proof),
            packs(all.size(), settings, tally));
    var plane = new DataPlane(all, settings, clock, events, line);
    return new DataPorts(plane, advertised(address, plane.address()));
  }

  /** What nobody here asked for may be missing: then others are not told that it is there. */
  private static Packs packs(int devices, StreamSettings settings, Packs.Tally tally) {
    Packs packs = Packs.have(devices, settings.frameBytes(), tally);
    packs
        .problem(settings.compression())
        .ifPresent(problem -> {
          throw new AgentMisconfigured(List.of(problem));
        });
    if (!packs.problem().isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "other hosts are told that device state cannot be unpacked here: {0}",
          packs.problem());
    }
    return packs;
  }

  /** An agent that can prove who it is encrypts, unless it was told not to. */
  private static @Nullable TlsDoor tls(AgentSettings told, ProcessIdentity proof) {
    AgentSettings.DataPlaneAddress address = told.dataPlane();
    boolean own = address.hasFiles();
    if (address.tls() != AgentSettings.Tls.OFF && (own || proof.secured())) {
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
              "fermata.agent.data-plane.tls: missing; without fermata.identity it is 'required'"
                  + " with files here, or 'off' where the network is trusted with guests' memory"));
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
