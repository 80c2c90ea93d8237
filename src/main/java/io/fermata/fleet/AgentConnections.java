package io.fermata.fleet;

import io.fermata.handover.HostName;
import io.fermata.wire.Codec;
import io.fermata.wire.tls.ProcessIdentity;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Connections to the agents of the inventory. With certificates, what answers at a host's address
 * has to prove that it is the agent of that host before anything is said to it: what is said may
 * hold the secret of a data plane.
 */
@Component
public final class AgentConnections {
  private final FleetSettings settings;
  private final Inventory inventory;
  private final ProcessIdentity proof;

  public AgentConnections(FleetSettings settings, Inventory inventory, ProcessIdentity proof) {
    this.settings = settings;
    this.inventory = inventory;
    this.proof = proof;
  }

  /** A client for all of them. */
  public HttpAgentClient client() {
    var clients =
        proof.clients(
            settings.connectTimeout(),
            (host, port, found) -> host(host, port).filter(found::isAgent).isPresent());
    return new HttpAgentClient(
        new Codec(), clients, agent -> host(agent.getHost(), port(agent)).orElse(null));
  }

  private Optional<HostName> host(String address, int port) {
    return inventory.hosts().values().stream()
        .filter(host -> at(Objects.requireNonNull(host.agent()), address, port))
        .map(host -> new HostName(Objects.requireNonNull(host.name())))
        .findFirst();
  }

  private static boolean at(URI agent, String address, int port) {
    return port(agent) == port && bare(agent.getHost()).equalsIgnoreCase(bare(address));
  }

  /** An IPv6 address stands in brackets in an address and without them in a connection. */
  private static String bare(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]"); // asked with every request
    return bracketed ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(URI agent) {
    if (agent.getPort() >= 0) {
      return agent.getPort();
    }
    return "https".equals(agent.getScheme()) ? 443 : 80;
  }
}
